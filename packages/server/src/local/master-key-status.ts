import type { ListedNode } from '../cluster/ports.ts'
import { sealedBeginning } from '../sealing/sealer.ts'
import type { MasterKeyState } from '../signing-secrets/ports.ts'
import type { Store } from '../storage/store.ts'
import type { ConfiguredKeys } from './configured-keys.ts'
import { idWindows } from './id-windows.ts'
import { type NextStep, nextStep } from './next-step.ts'

export interface KeyStatus {
  readonly kid: string
  readonly isConfigured: boolean
  /** `new`: the store has never seen it. */
  readonly state: MasterKeyState | 'new'
  /** What is sealed under it: secrets, dead ones too, and answers that are kept for a repeat. */
  readonly secrets: number
  readonly keptAnswers: number
  readonly auditKey: boolean
}

export interface NodeStatus {
  readonly nodeId: string
  readonly version: string
  readonly keyIds: readonly string[]
  /** Of the keys that are configured here or needed by the store. */
  readonly lacks: readonly string[]
  readonly sealsWith: string | null
  /** Its lease is over: it is gone, or stopped, or cannot reach the store. */
  readonly isSilent: boolean
}

export interface MasterKeyStatus {
  /** Where the keys come from: a path, or the name of a setting. */
  readonly source: string
  readonly keys: readonly KeyStatus[]
  /** Values that are sealed under none of `keys`. */
  readonly underOtherKeys: number
  readonly nodes: readonly NodeStatus[]
  readonly next: NextStep
}

/** Whether a server may be running on the store; who it is, the list of nodes tells. */
export type Serving = 'nobody' | 'somebody'

export async function readStatus(store: Store, configured: ConfiguredKeys, serving: Serving): Promise<MasterKeyStatus> {
  const stored = await store.read.masterKeys.all()
  const states = new Map(stored.map(({ kid, state }) => [kid, state]))
  const keyIds = [...new Set([...configured.keyIds, ...states.keys()])]
  const sealed = await countSealed(store, keyIds)
  const keys = keyIds.map((kid, index) => ({
    kid,
    isConfigured: configured.keyIds.includes(kid),
    state: states.get(kid) ?? ('new' as const),
    secrets: sealed.secrets[index] ?? 0,
    keptAnswers: sealed.answers[index] ?? 0,
    auditKey: sealed.auditKey[index] ?? false,
  }))
  const registered = (await store.read.nodes.list()).filter(({ fenced }) => !fenced)
  const nodes = registered.map((node) => toNodeStatus(node, keys))
  const told = { source: configured.source, keys, underOtherKeys: sealed.others, nodes }
  return { ...told, next: nextStep({ ...told, serving }) }
}

function toNodeStatus(node: ListedNode, keys: readonly KeyStatus[]): NodeStatus {
  const wanted = keys.filter(({ isConfigured, state }) => isConfigured || state === 'admitted' || state === 'retired')
  const admitted = new Set(keys.filter(({ state }) => state === 'admitted').map(({ kid }) => kid))
  return {
    nodeId: node.nodeId,
    version: node.version,
    keyIds: node.keyIds,
    lacks: wanted.map(({ kid }) => kid).filter((kid) => !node.keyIds.includes(kid)),
    sealsWith: node.keyIds.find((kid) => admitted.has(kid)) ?? null,
    isSilent: isSilent(node),
  }
}

/** One that is alone on its file has no lease: it holds a lock instead. */
export function isSilent({ fenced, leaseMs, leaseLeftMs }: ListedNode): boolean {
  return !fenced && leaseMs > 0 && leaseLeftMs === 0
}

async function countSealed(store: Store, keyIds: readonly string[]) {
  const beginnings = keyIds.map(sealedBeginning)
  const secrets = keyIds.map(() => 0)
  let total = 0
  for (const window of idWindows(await store.read.sealedRows.lastSecretId())) {
    const counted = await store.read.sealedRows.countSecrets(window, beginnings)
    for (const [index, count] of counted.beginning.entries()) secrets[index] = (secrets[index] ?? 0) + count
    total += counted.total
  }
  const answers = await store.read.sealedRows.countAnswers(beginnings)
  const audit = await store.read.auditKeys.find()
  const auditKey = beginnings.map((beginning) => audit?.sealed.startsWith(beginning) ?? false)
  const ofKeys = sum(secrets) + sum(answers.beginning) + auditKey.filter(Boolean).length
  return { secrets, answers: answers.beginning, auditKey, others: total + answers.total + (audit ? 1 : 0) - ofKeys }
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((a, b) => a + b, 0)
}
