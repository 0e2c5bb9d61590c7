import { call } from '../call.ts'
import type { Finding } from '../finding.ts'
import { questionOf, type Serving } from './measure-requests.ts'
import { secretsEach } from './scale-store.ts'
import type { SelfReport } from './self-report.ts'

/** Items of one batch, the most that there may be. */
const itemsAtOnce = 1000
const megabyte = 1e6

/** Bytes of a server with this many keysets in memory, every one loaded by a verification, over those of an empty one. */
export async function measureKeysets(
  { store, server }: Serving,
  keysets: number,
  empty: SelfReport,
  engine: string,
): Promise<Finding[]> {
  for (let from = 1; from <= keysets; from += itemsAtOnce) {
    const items = Array.from({ length: Math.min(itemsAtOnce, keysets - from + 1) }, (_, index) => {
      const secret = store.secretOf(from + index)
      return { ...questionOf(secret), workspaceId: secret.workspaceId }
    })
    const answer = await call(server, {
      ...({ method: 'POST', path: '/v1/verifications/batch', body: { items } } as const),
      workspaceId: null,
    })
    if (answer.split('"verified":true').length - 1 !== items.length) throw new Error('a user of a batch is unverified')
  }
  // What was counted is written within two seconds, and not kept.
  await new Promise((resolve) => setTimeout(resolve, 3000))
  const loaded = await server.reportCollected()
  const over = (name: 'residentBytes' | 'heapBytes' | 'externalBytes') => (loaded[name] - empty[name]) / megabyte
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
      ...beside('resident, over an empty server', resident, 'all of that one', empty.residentBytes / megabyte),
      target: { of: 'figure', atMost: (160 * keysets) / 100_000 },
    },
    beside('heap, over an empty server', over('heapBytes'), 'all of that one', empty.heapBytes / megabyte),
  ]
}
