import { setTimeout as pause } from 'node:timers/promises'
import { call } from '../call.ts'
import type { Finding } from '../finding.ts'
import { aimedAt } from '../targets.ts'
import { questionOf, type Serving } from './measure-requests.ts'
import { secretsEach } from './scale-store.ts'

/** Items of one batch, the most that there may be. */
const itemsAtOnce = 1000
const megabyte = 1e6
const wholeKeysets = 100_000

/**
 * Bytes of a server with this many keysets in memory, every one loaded by a verification, over those of one on an empty
 * store that has answered as many.
 */
export async function measureKeysets(
  { empty, full }: { readonly empty: Serving; readonly full: Serving },
  keysets: number,
  engine: string,
): Promise<Finding[]> {
  await verifyAll(empty, keysets)
  await verifyAll(full, keysets)
  // What was counted is written within two seconds, and not kept.
  await pause(3000)
  const before = await empty.server.reportCollected()
  const loaded = await full.server.reportCollected()
  const over = (name: 'residentBytes' | 'heapBytes' | 'externalBytes') => (loaded[name] - before[name]) / megabyte
  const what = `${keysets.toLocaleString('en')} keysets of ${secretsEach}`
  const beside = (told: string, figure: number, than: string, baseline: number): Finding => ({
    unit: 'MB',
    subject: { what: `${engine}: ${what}, ${told}`, figure, rounds: [figure] },
    baseline: { what: than, figure: baseline, rounds: [baseline] },
    ratio: figure / baseline,
    target: null,
    cautions: [],
  })
  const resident = over('residentBytes')
  return [
    {
      ...beside('resident, over an empty server', resident, 'all of that one', before.residentBytes / megabyte),
      ...aimedAt('keysets'),
      ...(keysets < wholeKeysets ? { reducedTo: `at ${keysets.toLocaleString('en')}` } : {}),
    },
    beside('heap, over an empty server', over('heapBytes'), 'all of that one', before.heapBytes / megabyte),
  ]
}

/** One in each workspace, and again from the first where there are fewer. */
async function verifyAll({ store, server }: Serving, verifications: number): Promise<void> {
  for (let from = 0; from < verifications; from += itemsAtOnce) {
    const items = Array.from({ length: Math.min(itemsAtOnce, verifications - from) }, (_, index) => {
      const secret = store.secretOf(1 + ((from + index) % store.workspaces))
      return { ...questionOf(secret), workspaceId: secret.workspaceId }
    })
    const answer = await call(server, {
      ...({ method: 'POST', path: '/v1/verifications/batch', body: { items } } as const),
      workspaceId: null,
    })
    if (answer.split('"verified":true').length - 1 !== items.length) throw new Error('a user of a batch is unverified')
  }
}
