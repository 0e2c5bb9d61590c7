import type { Exchange } from '../load/exchange.ts'

/** For some time requests begin at random, so many a second on average, whether or not earlier ones were answered. */
export interface Phase {
  readonly ratePerSecond: number
  readonly durationMs: number
}

/** Many clients, each with its own connection and a limit to its patience. */
export interface Crowd {
  readonly port: number
  readonly path: string
  readonly token: string
  readonly exchanges: readonly Exchange[]
  /** At most, at a time; opened as they are needed. */
  readonly connections: number
  /** After so long a client hangs up. */
  readonly patienceMs: number
  readonly phases: readonly Phase[]
}

/** What became of a request. */
export const outcomes = ['answered', 'refused', 'brokenOff', 'gaveUp', 'unsent'] as const
export type Outcome = (typeof outcomes)[number]

/** Of the requests that were due in one phase. */
export interface PhaseFigures {
  readonly seconds: number
  readonly counts: Readonly<Record<Outcome, number>>
  /** Of those that were answered with what they asked for; 0 where none was. */
  readonly p99Ms: number
}

export interface CrowdFigures {
  readonly phases: readonly PhaseFigures[]
  /** From the start of the last phase to that of the first second in which all went well; `null`: there was none. */
  readonly recoveryMs: number | null
  readonly cpuSeconds: number
}

/** A wrong answer ends the run. */
export type CrowdResult = CrowdFigures | { readonly fault: string }
