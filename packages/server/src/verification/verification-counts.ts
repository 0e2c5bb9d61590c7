import { type Platform, platformNames, type VerificationReason, verificationReasons } from '@cutover/contract'
import type { Verdict } from './verify-user.ts'

export type Outcome = 'verified' | VerificationReason

const outcomes: readonly Outcome[] = ['verified', ...verificationReasons]

/** How many verifications of each platform came out how, since this process started. */
export class VerificationCounts {
  readonly #counts = new Map<Platform, Map<Outcome, number>>(
    platformNames.map((platform) => [platform, new Map(outcomes.map((outcome) => [outcome, 0]))]),
  )

  count(platform: Platform, verdict: Verdict): void {
    const ofPlatform = this.#counts.get(platform)
    const outcome = verdict.verified ? 'verified' : verdict.reason
    ofPlatform?.set(outcome, (ofPlatform.get(outcome) ?? 0) + 1)
  }

  *all(): Generator<{ readonly platform: Platform; readonly outcome: Outcome; readonly count: number }> {
    for (const [platform, ofPlatform] of this.#counts) {
      for (const [outcome, count] of ofPlatform) yield { platform, outcome, count }
    }
  }
}
