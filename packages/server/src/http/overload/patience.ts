/** How long clients wait for an answer before they ask elsewhere, or again. */
export interface Patience {
  /** Of those that may have waited for longer some are told to come again. */
  readonly toleratedMs: number
  /** And all for which it may have been longer than this. */
  readonly longestMs: number
}

export const patience: Patience = { toleratedMs: 250, longestMs: 1000 }
