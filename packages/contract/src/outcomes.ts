import { type Static, Type } from 'typebox'
import { Platform } from './platforms.ts'
import { verificationReasons } from './verifications.ts'

export const verificationOutcomes = ['verified', ...verificationReasons] as const

/** How verifications came out, hour by hour. */
export const OutcomeCounts = Type.Object(
  {
    data: Type.Array(
      Type.Object({
        start: Type.String({ format: 'date-time', description: 'Where the hour begins, UTC' }),
        platform: Platform,
        outcome: Type.Enum(verificationOutcomes, { description: '`verified`, or why not' }),
        count: Type.Integer({ minimum: 1 }),
      }),
      { description: 'Oldest first; what did not happen in an hour is left out' },
    ),
  },
  {
    title: 'OutcomeCounts',
    examples: [{ data: [{ start: '2026-11-21T12:00:00.000Z', platform: 'ios', outcome: 'mismatch', count: 4 }] }],
  },
)
export type OutcomeCounts = Static<typeof OutcomeCounts>
