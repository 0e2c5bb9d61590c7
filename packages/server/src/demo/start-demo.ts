import type { AccessToken, AccessTokenList, CreatedIdentitySecret, IdentitySecretList } from '@cutover/contract'
import type { FastifyInstance } from 'fastify'
import { makeAccessToken } from '../access-tokens/token-format.ts'
import { insertInstanceToken } from '../instance-token.ts'
import { StartupRefusal } from '../startup-refusal.ts'
import type { Store } from '../storage/store.ts'
import type { System } from '../system.ts'
import type { WorkspaceId } from '../workspaces/workspace.ts'
import { DemoCalls } from './demo-calls.ts'
import { runClients } from './demo-clients.ts'
import { writeHistory } from './demo-history.ts'
import { fillDemo, makeSecret } from './fill-demo.ts'

const workspaceName = 'Demo'
const tokenName = 'Demo: simulated clients'
const rotationName = 'Apps and web'
const dayMs = 86_400_000
const graceSeconds = 86_400

export interface DemoPorts {
  readonly app: FastifyInstance
  readonly store: Store
  readonly node: { reach(epoch: number): Promise<void> }
  readonly system: System
}

/**
 * Fills an empty store, or goes on with the one that it filled, and begins a rotation that simulated clients take ten
 * minutes to follow. Returns what ends them.
 */
export async function startDemo(ports: DemoPorts): Promise<() => Promise<void>> {
  try {
    await ports.app.ready()
    const calls = new DemoCalls(ports.app, await makeToken(ports))
    const workspaceId = await workspaceOf(ports, calls)
    const [old, next] = await beginRotation(ports, calls, workspaceId)
    const rotation = { old: old.secret, next: next.secret, beganMs: ports.system.nowMs() }
    return runClients(calls, rotation, () => ports.system.nowMs())
  } catch (error) {
    throw new StartupRefusal(`The demo could not be prepared: ${(error as Error).message}.`, { cause: error })
  }
}

/** A token of this run alone: those of earlier ones are revoked. */
async function makeToken({ store, node, system }: DemoPorts): Promise<string> {
  const token = makeAccessToken(system)
  const actor = { type: 'system', id: 'demo', name: null } as const
  const epoch = await store.transaction(async (tx) => {
    const advanced = await tx.epoch.advance()
    const place = await insertInstanceToken(tx, { token, name: tokenName, actor }, system)
    await tx.epoch.record({ epoch: advanced, workspaceId: null, part: 'access_tokens' }, place)
    return advanced
  })
  await node.reach(epoch)
  return token
}

/** The name of the workspace says that it was filled to the end. */
async function workspaceOf({ store, system }: DemoPorts, calls: DemoCalls): Promise<WorkspaceId> {
  const [id] = await store.read.workspaces.firstIds(1)
  const workspace = id && (await store.read.workspaces.find(id))
  if (!workspace) throw new Error('there is no workspace')
  if (workspace.name === workspaceName) {
    await revokeEarlierTokens(calls)
    return workspace.id
  }
  if ((await store.read.identitySecrets.list(workspace.id)).length > 0) {
    throw new Error('it was interrupted while it was filled: remove the store, and start it again')
  }
  const { overdue, disabled } = await fillDemo(calls)
  const nowMs = system.nowMs()
  await store.transaction(async (tx) => {
    await tx.demo.backdate(overdue.id, nowMs - 400 * dayMs)
    await tx.demo.backdate(disabled.id, nowMs - 40 * dayMs)
  })
  await writeHistory(store, {
    workspaceId: workspace.id,
    secretId: Number(overdue.id),
    nowMs,
    share: 0.04,
    withOutcomes: false,
  })
  await calls.ask('PATCH', `/v1/workspaces/${workspace.id}`, { payload: { name: workspaceName } })
  return workspace.id
}

/** Nobody has the secrets of the rotation before any more: it makes room for a new one. */
async function beginRotation(
  { store, system }: DemoPorts,
  calls: DemoCalls,
  workspaceId: WorkspaceId,
): Promise<readonly [old: CreatedIdentitySecret, next: CreatedIdentitySecret]> {
  const { data } = await calls.ask<IdentitySecretList>('GET', '/v1/identity-secrets?limit=200')
  for (const { id, name } of data) {
    if (name.startsWith(rotationName)) await calls.ask('DELETE', `/v1/identity-secrets/${id}`)
  }
  const old = await makeSecret(calls, `${rotationName}, summer`)
  const nowMs = system.nowMs()
  await store.transaction((tx) => tx.demo.backdate(old.id, nowMs - 80 * dayMs))
  const period = { fromMs: nowMs - dayMs, toMs: nowMs }
  const withOutcomes = (await store.read.outcomes.hourly(workspaceId, period)).length === 0
  await writeHistory(store, { workspaceId, secretId: Number(old.id), nowMs, share: 1, withOutcomes })
  const payload = { name: `${rotationName}, autumn`, graceSeconds }
  const next = await calls.ask<CreatedIdentitySecret>('POST', `/v1/identity-secrets/${old.id}/rotate`, { payload })
  return [old, next]
}

async function revokeEarlierTokens(calls: DemoCalls): Promise<void> {
  const { data } = await calls.ask<AccessTokenList>('GET', '/v1/access-tokens?instance=true&limit=200')
  const ofDemo = data.filter(({ name }: AccessToken) => name === tokenName)
  // The last one is that of this run.
  for (const { id } of ofDemo.slice(0, -1)) await calls.ask('DELETE', `/v1/access-tokens/${id}`)
}
