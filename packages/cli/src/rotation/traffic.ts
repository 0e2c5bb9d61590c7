import { ApiError, type CutoverClient, NetworkError, TimeoutError } from '@cutover/client'
import type { Cutover, IdentitySecret } from '@cutover/contract'

/** What a moment of the cutover looks like. */
export interface Traffic {
  /** Of the old secret: whoever else works on it may have ended it. */
  readonly state: IdentitySecret['state']
  readonly verdict: Cutover
  /** Of what both verified in the last minutes; `null`: nothing was. */
  readonly oldShare: number | null
  readonly windowMinutes: number
  readonly oldCount: number
  readonly newCount: number
}

const windowMinutes = 5
const minuteMs = 60_000

/** How the traffic is split between the old secret and the new one, and whether the old one may go. */
export async function readTraffic(
  { identitySecrets }: CutoverClient,
  { oldId, newId, quietSeconds }: { oldId: string; newId: string; quietSeconds: number | undefined },
  signal: AbortSignal,
): Promise<Traffic> {
  const from = new Date(Math.floor(Date.now() / minuteMs - windowMinutes + 1) * minuteMs).toISOString()
  const [{ state }, verdict, ofOld, ofNew] = await Promise.all([
    identitySecrets.read(oldId, { signal }),
    identitySecrets.cutover(oldId, { quietSeconds }, { signal }),
    identitySecrets.usage(oldId, { from, bucket: 'minute' }, { signal }),
    identitySecrets.usage(newId, { from, bucket: 'minute' }, { signal }),
  ])
  const [oldCount, newCount] = [ofOld, ofNew].map(({ data }) => data.reduce((sum, { count }) => sum + count, 0)) as [
    number,
    number,
  ] // sound: two in, two out
  const total = oldCount + newCount
  return { state, verdict, oldShare: total === 0 ? null : oldCount / total, windowMinutes, oldCount, newCount }
}

/** Whether it is worth looking again: a server that restarts is no reason to give up. */
export function isPassing(error: unknown): boolean {
  if (error instanceof ApiError) return error.status >= 500 || error.status === 429
  return error instanceof NetworkError || error instanceof TimeoutError
}
