import { type Static, Type } from 'typebox'
import { platformNames } from './platforms.ts'

const nullableTime = (description: string) =>
  Type.Unsafe<string | null>({ type: ['string', 'null'], format: 'date-time', description })

/** Where a use was counted: the platform of an end user, or `requests` for what an integrator signed. */
export const usagePlatforms = [...platformNames, 'requests'] as const
export type UsagePlatform = (typeof usagePlatforms)[number]

export const usageBuckets = ['minute', 'hour', 'day'] as const
export type UsageBucket = (typeof usageBuckets)[number]

const bucketFields = {
  start: Type.String({ format: 'date-time', description: 'Where the bucket begins, UTC' }),
  platform: Type.Enum(usagePlatforms, { description: 'requests: what an integrator signed' }),
  count: Type.Integer({ minimum: 1, description: 'Verifications that this secret made succeed' }),
}

const exampleBucket = { start: '2026-11-21T12:00:00.000Z', platform: 'ios' as const, count: 412 }

/** How often a secret verified something; buckets without a use are left out. */
export const Usage = Type.Object(
  { data: Type.Array(Type.Object(bucketFields), { description: 'Oldest first' }) },
  { title: 'Usage', examples: [{ data: [exampleBucket] }] },
)
export type Usage = Static<typeof Usage>

/** The same for an integrator, by secret. */
export const IntegratorUsage = Type.Object(
  {
    data: Type.Array(
      Type.Object({ ...bucketFields, fingerprint: Type.String({ description: 'Of the secret, ended ones too' }) }),
      { description: 'Oldest first' },
    ),
  },
  {
    title: 'IntegratorUsage',
    examples: [{ data: [{ ...exampleBucket, platform: 'requests', fingerprint: 'sha256:ca32af082f506652' }] }],
  },
)
export type IntegratorUsage = Static<typeof IntegratorUsage>

export const cutoverVerdicts = ['safe', 'in_use', 'unknown'] as const
export type CutoverVerdict = (typeof cutoverVerdicts)[number]

const count = (description: string) => Type.Integer({ minimum: 0, description })

const CutoverFields = {
  verdict: Type.Enum(cutoverVerdicts, {
    description:
      'in_use: it verified something within the required quiet; safe: it did not, others verify in its place, and every ' +
      'node has told what it verified; unknown: neither can be said',
  }),
  why: Type.String({ description: 'The verdict in words' }),
  lastVerifiedAt: nullableTime('null: never, since it is tracked'),
  quietForSeconds: count('Without a use, up to where every node has told what it verified'),
  quietSecondsRequired: count('As asked for, or what its own habits call for'),
  trackingSince: Type.String({ format: 'date-time', description: 'Uses before that were not counted' }),
  counts: Type.Object({
    lastHour: count('To the minute'),
    lastDay: count('To the minute'),
    last30Days: count('To the hour'),
  }),
  shareOfLastDay: Type.Unsafe<number | null>({
    type: ['number', 'null'],
    minimum: 0,
    maximum: 1,
    description: 'Of all that was verified on its platforms; null where nothing was',
  }),
  platforms: Type.Array(Type.Enum(usagePlatforms), { description: 'On which it verified something in 30 days' }),
  successors: Type.Array(Type.String(), {
    description: 'Other live secrets that cover those platforms and were used within the required quiet',
  }),
  sources: Type.Array(
    Type.Object({
      source: Type.Unsafe<string | null>({
        type: ['string', 'null'],
        description: 'As the caller gave it, unproven; null: uses without one, and those past the 50 that are kept',
      }),
      count: Type.Integer({ minimum: 1 }),
      lastSeenAt: Type.String({ format: 'date-time' }),
    }),
    { description: 'Who signed with it; latest first' },
  ),
}

const exampleCutover = {
  verdict: 'in_use' as const,
  why: 'It verified something 40 seconds ago (ios/4.1.0); 3600 seconds of quiet are required',
  lastVerifiedAt: '2026-11-21T12:30:00.000Z',
  quietForSeconds: 40,
  quietSecondsRequired: 3600,
  trackingSince: '2026-01-05T09:00:00.000Z',
  counts: { lastHour: 3, lastDay: 1204, last30Days: 80_231 },
  shareOfLastDay: 0.04,
  platforms: ['ios' as const],
  successors: ['13'],
  sources: [{ source: 'ios/4.1.0', count: 911, lastSeenAt: '2026-11-21T12:30:00.000Z' }],
}

/** Whether an identity secret may go. */
export const Cutover = Type.Object(CutoverFields, { title: 'Cutover', examples: [exampleCutover] })
export type Cutover = Static<typeof Cutover>

/** Whether the older secrets of an integrator, taken together, may go. */
export const IntegratorCutover = Type.Object(
  {
    ...CutoverFields,
    successors: Type.Array(Type.String(), {
      description: 'The fingerprint of the current secret, if it was used within the required quiet',
    }),
    judged: Type.Array(Type.String(), {
      description: 'The fingerprints of the secrets that are on their way out; empty: there are none any more',
    }),
  },
  {
    title: 'IntegratorCutover',
    examples: [
      {
        ...exampleCutover,
        platforms: ['requests'],
        successors: ['sha256:1f0be1a2c3d45968'],
        sources: [{ source: null, count: 80_231, lastSeenAt: '2026-11-21T12:30:00.000Z' }],
        judged: ['sha256:ca32af082f506652'],
      },
    ],
  },
)
export type IntegratorCutover = Static<typeof IntegratorCutover>
