import { assemble, type Cutover, readSettings } from '../../packages/server/dist/main.js'
import { percentile } from '../statistics.ts'
import { questionOf } from './measure-requests.ts'
import type { Figures } from './over-sizes.ts'
import type { ScaleStore } from './scale-store.ts'

const appendsInRound = 50
const usesInFlush = 200

/** A server in this process, without a network. */
export interface Assembled extends AsyncDisposable {
  readonly size: number
  readonly store: ScaleStore
  readonly cutover: Cutover
}

export async function assembleOn(store: ScaleStore): Promise<Assembled> {
  const settings = { ...store.settings, CUTOVER_LOG_LEVEL: 'error', CUTOVER_RATE_LIMIT_PER_MINUTE: '0' }
  const cutover = await assemble(readSettings(settings))
  await cutover.app.ready()
  return { size: store.size, store, cutover, [Symbol.asyncDispose]: () => cutover.stop() }
}

export type StoreWorkName = 'append' | 'flush'

/** Of the store alone: an entry in the audit log of some workspace, and the uses of 200 secrets of as many workspaces. */
export async function measureStoreWork(server: Assembled): Promise<Figures<StoreWorkName>> {
  const appends: number[] = []
  for (let done = 0; done < appendsInRound; done += 1) {
    const chain = someSecret(server).workspaceId
    appends.push(await timed(() => appendTo(server, chain)))
  }
  await use(server)
  const flush = await timed(() => server.cutover.flusher.flush())
  return {
    append: percentile(
      appends.toSorted((a, b) => a - b),
      0.5,
    ),
    flush,
  }
}

async function appendTo({ cutover }: Assembled, chain: string): Promise<void> {
  const draft = {
    chain,
    action: 'settings.changed',
    actor: { type: 'system', id: 'bench', name: null },
    resource: { type: 'workspace', id: chain },
    result: 'success',
    metadata: {},
    requestId: null,
    ip: null,
  } as const
  await cutover.store.transaction((tx) => tx.audit.append(draft, Date.now()))
}

async function use(server: Assembled): Promise<void> {
  const items = Array.from({ length: usesInFlush }, () => {
    const secret = someSecret(server)
    return { ...questionOf(secret), workspaceId: secret.workspaceId, source: 'bench/1' }
  })
  const response = await server.cutover.app.inject({
    method: 'POST',
    url: '/v1/verifications/batch',
    headers: { authorization: `Bearer ${server.store.settings['CUTOVER_BOOTSTRAP_TOKEN']}` },
    payload: { items },
  })
  if (response.statusCode !== 200) throw new Error(`a batch was answered with ${response.body}`)
}

function someSecret({ store }: Assembled) {
  return store.secretOf(1 + Math.floor(Math.random() * store.workspaces))
}

async function timed(work: () => Promise<unknown>): Promise<number> {
  const startMs = performance.now()
  await work()
  return performance.now() - startMs
}
