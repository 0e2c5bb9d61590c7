import type { LiveCutover } from '@cutover/contract'

export type StreamedSecret = LiveCutover['secrets'][number]

/** What was verified in one minute, by the id of the secret that verified it. */
export interface Minute {
  readonly start: string
  readonly counts: Readonly<Record<string, number>>
}
