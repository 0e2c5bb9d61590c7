import { setTimeout as pause } from 'node:timers/promises'
import { ApiError, type CutoverClient } from '@cutover/client'
import { type Failure, refused } from '../failure.ts'
import { failureOf } from '../failure-of.ts'
import { interrupted } from './interruption.ts'
import { isPassing, readTraffic, type Traffic } from './traffic.ts'

export interface WatchedCutover {
  readonly oldId: string
  readonly newId: string
  /** How long the old one must have been quiet; by its own habits unless given. */
  readonly quietSeconds: number | undefined
  readonly timeoutSeconds: number | undefined
}

export interface CutoverView {
  show(traffic: Traffic): void
  /** What was seen last still stands; it cannot be seen anew. */
  away(reason: string): void
  close(): void
}

/** What a deletion that was guarded came to. */
export interface Deleted {
  readonly revocationEpoch: number | null
}

const lookEveryMs = 2000

/** A server that is away for longer is not coming back while somebody waits. */
const longestAwayMs = 600_000

/**
 * Looks at the cutover until the old secret may go, and deletes it then; the guard of that delete is the same quiet, so
 * that a use in between is no accident but the next look.
 *
 * @throws Failure with exit code 3 at the end of its time, naming who is left
 */
export async function watchCutover(
  client: CutoverClient,
  watched: WatchedCutover,
  { view, signal }: { readonly view: CutoverView; readonly signal: AbortSignal },
): Promise<Deleted> {
  const until = watched.timeoutSeconds === undefined ? Infinity : performance.now() + watched.timeoutSeconds * 1000
  let seen: Traffic | null = null
  let reachedAt = performance.now()
  try {
    for (;;) {
      try {
        seen = await readTraffic(client, watched, signal)
        view.show(seen)
        const deleted = await deleteIfOver(client, watched.oldId, seen)
        if (deleted) return deleted
        reachedAt = performance.now()
      } catch (error) {
        if (signal.aborted) throw interrupted()
        if (!isPassing(error) || performance.now() - reachedAt > longestAwayMs) throw error
        view.away(failureOf(error).message)
      }
      if (performance.now() >= until) throw tooLate(watched, seen)
      await pause(Math.min(lookEveryMs, until - performance.now()), undefined, { signal }).catch(() => {
        throw interrupted()
      })
    }
  } finally {
    view.close()
  }
}

/** `null`: it may not go yet. */
async function deleteIfOver(
  client: CutoverClient,
  oldId: string,
  { state, verdict }: Traffic,
): Promise<Deleted | null> {
  if (state === 'deleted') return { revocationEpoch: null }
  // Nobody can use it any more, so that nobody is locked out.
  if (state === 'expired') return client.identitySecrets.delete(oldId)
  return verdict.verdict === 'safe' ? deleteQuiet(client, oldId, verdict.quietSecondsRequired) : null
}

/** `null`: somebody used it in this very moment, or a node could not be heard. */
async function deleteQuiet(client: CutoverClient, oldId: string, ifQuietForSeconds: number): Promise<Deleted | null> {
  try {
    return await client.identitySecrets.delete(oldId, { ifQuietForSeconds })
  } catch (error) {
    if (error instanceof ApiError && (error.code === 'secret_in_use' || error.code === 'usage_unknown')) return null
    throw error
  }
}

function tooLate({ timeoutSeconds }: WatchedCutover, seen: Traffic | null): Failure {
  const left = seen === null ? [] : stillUsing(seen)
  const who = left.length === 0 ? '' : `; still signing with it: ${left.join(', ')}`
  return refused(`The old secret may not go yet, after ${timeoutSeconds} seconds${who}`, {
    hint: `${seen?.verdict.why ?? 'nothing could be seen'}. Run the same command again to go on`,
  })
}

/** Who used the old secret within the quiet that it takes, latest first. */
export function stillUsing({ verdict }: Traffic, nowMs = Date.now()): readonly string[] {
  return recentSources(verdict, nowMs).map(({ source }) => source ?? 'somebody without a name')
}

export function recentSources({ sources, quietSecondsRequired }: Traffic['verdict'], nowMs = Date.now()) {
  return sources.filter(({ lastSeenAt }) => nowMs - Date.parse(lastSeenAt) < quietSecondsRequired * 1000)
}
