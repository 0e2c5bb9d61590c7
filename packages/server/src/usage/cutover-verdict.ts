import type { CutoverVerdict } from '@cutover/contract'
import { isoTime } from '../iso-time.ts'
import type { Heard } from './heard-nodes.ts'

/** A pause is noticed only after it is over: whoever comes once a night is waited for, twice as long. */
const pauseFactor = 2
const shortestQuietMs = 3_600_000
const longestPauseMs = 30 * 86_400_000

/** Why a secret verifies nothing, whoever signs with it. */
export interface Refused {
  readonly how: 'disabled' | 'expired' | 'deleted'
  readonly sinceMs: number
}

export interface CutoverFacts {
  readonly nowMs: number
  readonly heard: Heard
  readonly requiredMs: number
  readonly trackedSinceMs: number
  readonly lastUseMs: number | null
  /** `null`: it is accepted. */
  readonly refused: Refused | null
  /** When it was accepted again after it had been disabled; `null`: it never was. */
  readonly acceptedAgainMs: number | null
  readonly hasSuccessor: boolean
  /** Who used it last, as far as callers tell. */
  readonly lastSource: string | null
}

export interface Judgement {
  readonly verdict: CutoverVerdict
  readonly why: string
  readonly quietMs: number
}

export function requiredQuietMs(askedMs: number | null, longestPause: number): number {
  return askedMs ?? Math.max(shortestQuietMs, pauseFactor * Math.min(longestPause, longestPauseMs))
}

/** Whether a secret may go; the first that fits. `safe` only where nothing speaks against it. */
export function judgeCutover(facts: CutoverFacts): Judgement {
  const { heard, lastUseMs, requiredMs, nowMs } = facts
  const quietMs = Math.max(0, heard.untilMs - Math.max(lastUseMs ?? 0, facts.trackedSinceMs))
  // A node that tells nothing may have seen more uses, never fewer.
  const knownUntilMs = heard.silent.length > 0 ? nowMs : heard.untilMs
  if (lastUseMs !== null && knownUntilMs - lastUseMs < requiredMs) {
    return { verdict: 'in_use', why: inUse(facts, knownUntilMs - lastUseMs), quietMs }
  }
  const doubt = doubtOf(facts)
  if (doubt !== null) return { verdict: 'unknown', why: doubt, quietMs }
  const why = `Quiet for ${seconds(quietMs)} seconds (${seconds(requiredMs)} required); others verify in its place`
  return { verdict: 'safe', why, quietMs }
}

function inUse({ requiredMs, lastSource }: CutoverFacts, agoMs: number): string {
  const by = lastSource === null ? '' : ` (${lastSource})`
  const ago = seconds(Math.max(0, agoMs))
  return `It verified something ${ago} seconds ago${by}; ${seconds(requiredMs)} seconds of quiet are required`
}

/** Why the quiet proves nothing; `null`: it does. */
function doubtOf(facts: CutoverFacts): string | null {
  const { heard, refused, requiredMs } = facts
  const sinceMs = heard.untilMs - requiredMs
  const [silent] = heard.silent
  if (silent) {
    return `Node ${silent.nodeId} has not told since ${isoTime(silent.sinceMs)} what it verified`
  }
  if (refused) {
    return `It is ${refused.how} since ${isoTime(refused.sinceMs)}: whether anybody still signs with it does not show`
  }
  if (heard.lostUntilMs !== null && heard.lostUntilMs > sinceMs) {
    const until = isoTime(heard.lostUntilMs)
    return `A process ended without telling what it verified last, at ${until} at the latest: that counts as a use`
  }
  if (facts.trackedSinceMs > sinceMs) {
    return `Its uses are counted since ${isoTime(facts.trackedSinceMs)} only; ${seconds(requiredMs)} seconds are required`
  }
  if (facts.acceptedAgainMs !== null && facts.acceptedAgainMs > sinceMs) {
    return `It was disabled until ${isoTime(facts.acceptedAgainMs)}: quiet counts from there on`
  }
  if (facts.hasSuccessor) return null
  return 'No other live secret covers its platforms and verified anything in that time'
}

function seconds(ms: number): number {
  return Math.floor(ms / 1000)
}
