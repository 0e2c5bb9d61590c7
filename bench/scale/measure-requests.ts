import { call } from '../call.ts'
import { signUsers } from '../sample.ts'
import { percentile } from '../statistics.ts'
import type { ObservedServer } from './observed-server.ts'
import type { Figures } from './over-sizes.ts'
import type { FilledSecret, ScaleStore } from './scale-store.ts'

const turnsInRound = 30
const path = '/secure_mode_secrets'

export type RequestName = 'create' | 'cold' | 'warm' | 'list' | 'delete' | 'cpu'

/** A server on its store. */
export interface Serving {
  readonly size: number
  readonly store: ScaleStore
  readonly server: ObservedServer
}

/**
 * One at a time, each turn in some other workspace: creates a secret, which empties memory of that workspace; verifies
 * there twice; lists; deletes what it made. Medians by the clock, and the processor time of a whole turn.
 */
export async function measureRequests({ store, server }: Serving): Promise<Figures<RequestName>> {
  const timed: Record<Exclude<RequestName, 'cpu'>, number[]> = { create: [], cold: [], warm: [], list: [], delete: [] }
  const time = async (name: keyof typeof timed, work: () => Promise<string>) => {
    const startMs = performance.now()
    const answer = await work()
    timed[name].push(performance.now() - startMs)
    return answer
  }
  const before = await server.report()
  for (let turn = 0; turn < turnsInRound; turn += 1) {
    const secret = store.secretOf(1 + Math.floor(Math.random() * store.workspaces))
    const { workspaceId } = secret
    const body = { name: 'bench', supports_web: true }
    const created = await time('create', () => call(server, { method: 'POST', path, body, workspaceId }))
    const { id } = JSON.parse(created) as { id: string } // sound: the contract of a 201
    assertVerified(await time('cold', () => verify(server, secret)))
    assertVerified(await time('warm', () => verify(server, secret)))
    const listed = await time('list', () => call(server, { method: 'GET', path, workspaceId }))
    if (!listed.includes(`"id":"${secret.id}"`)) throw new Error(`a list is incomplete: ${listed}`)
    await time('delete', () => call(server, { method: 'DELETE', path: `${path}/${id}`, workspaceId }))
  }
  const cpuSeconds = (await server.report()).cpuSeconds - before.cpuSeconds
  const p50 = (name: keyof typeof timed) =>
    percentile(
      timed[name].toSorted((a, b) => a - b),
      0.5,
    )
  const [create, cold, warm] = [p50('create'), p50('cold'), p50('warm')]
  return { create, cold, warm, list: p50('list'), delete: p50('delete'), cpu: (cpuSeconds * 1000) / turnsInRound }
}

function verify(server: ObservedServer, secret: FilledSecret): Promise<string> {
  const { workspaceId } = secret
  return call(server, { method: 'POST', path: '/v1/verifications', body: questionOf(secret), workspaceId })
}

export function questionOf({ material }: FilledSecret) {
  return { platform: 'web', ...signUsers(material, 1)[0] }
}

function assertVerified(answer: string): void {
  if (!answer.includes('"verified":true')) throw new Error(`a user hash was answered with ${answer}`)
}
