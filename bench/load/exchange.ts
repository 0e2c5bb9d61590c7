/** A request's JSON body and the exact body that must answer it. */
export interface Exchange {
  readonly request: string
  readonly answer: string
}

/** What to send where: connections that each wait for an answer before their next request. */
export interface Load {
  readonly port: number
  readonly path: string
  readonly token: string
  readonly exchanges: readonly Exchange[]
  readonly connections: number
  readonly durationMs: number
  /** Requests begin at random, so many a second on average. `null`: as fast as they are answered. */
  readonly ratePerSecond: number | null
  /** Between requests the generator leaves its core to others: a request then begins up to a millisecond late. */
  readonly isYielding?: boolean
}

/** What came of it. Every answer was compared with the expected one; one that differs ends the load. */
export type LoadResult = LoadFigures | { readonly fault: string }

export interface LoadFigures {
  readonly answered: number
  readonly p50Ms: number
  readonly p99Ms: number
  /** What the generator itself used of the processor. */
  readonly cpuSeconds: number
}
