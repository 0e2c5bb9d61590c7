import { type Static, Type } from 'typebox'
import { secretStates } from './identity-secrets.ts'
import { Cutover } from './usage.ts'

const time = (description: string) => Type.String({ format: 'date-time', description })

/** What an event of the live view tells: all there is to see, so that whoever missed one has missed nothing. */
export const LiveCutover = Type.Object(
  {
    ...Cutover.properties,
    at: time('The moment of which all of this is'),
    state: Type.Enum(secretStates, { description: 'Of the secret' }),
    minutes: Type.Array(
      Type.Object({
        start: time('Where the minute begins, UTC'),
        counts: Type.Record(Type.String(), Type.Integer({ minimum: 0 }), {
          description: 'Of each secret in `secrets`, by its id',
        }),
      }),
      { minItems: 60, maxItems: 60, description: 'The last 60, oldest first; the last one is not over' },
    ),
    secrets: Type.Array(
      Type.Object({
        id: Type.String(),
        name: Type.String(),
        fingerprint: Type.String(),
        state: Type.Enum(secretStates),
      }),
      { description: 'The secret itself, the one that it was rotated to, and its successors' },
    ),
  },
  { title: 'LiveCutover' },
)
export type LiveCutover = Static<typeof LiveCutover>
