import { type RequestSignatureReason, requestSignatureReasons } from '@cutover/contract'

export type RequestOutcome = 'verified' | RequestSignatureReason

const outcomes: readonly RequestOutcome[] = ['verified', ...requestSignatureReasons]

/** How many signed requests that somebody asked about came out how, since this process started. */
export class RequestVerificationCounts {
  readonly #counts = new Map<RequestOutcome, number>(outcomes.map((outcome) => [outcome, 0]))

  count(outcome: RequestOutcome): void {
    this.#counts.set(outcome, (this.#counts.get(outcome) ?? 0) + 1)
  }

  *all(): Generator<{ readonly outcome: RequestOutcome; readonly count: number }> {
    for (const [outcome, count] of this.#counts) yield { outcome, count }
  }
}
