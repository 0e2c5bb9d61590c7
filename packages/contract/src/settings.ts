import { type Static, Type } from 'typebox'
import { enforcements } from './verifications.ts'

const Enforcement = Type.Enum(enforcements, {
  description: 'enforce: what does not verify is rejected; monitor, off: it is allowed all the same',
})

/** Of one workspace. */
export const Settings = Type.Object(
  {
    enforcement: Type.Object(
      { web: Enforcement, ios: Enforcement, android: Enforcement },
      { additionalProperties: false },
    ),
    rotationPolicy: Type.Object(
      {
        maxAgeDays: Type.Unsafe<number | null>({
          type: ['integer', 'null'],
          minimum: 1,
          maximum: 3650,
          description: 'How old a secret or a token may be; null: as old as it likes',
        }),
      },
      { additionalProperties: false },
    ),
  },
  {
    title: 'Settings',
    additionalProperties: false,
    examples: [{ enforcement: { web: 'enforce', ios: 'monitor', android: 'off' }, rotationPolicy: { maxAgeDays: 90 } }],
  },
)
export type Settings = Static<typeof Settings>

const share = (description: string) =>
  Type.Unsafe<number | null>({ type: ['number', 'null'], minimum: 0, maximum: 1, description })

const PlatformReadiness = Type.Object({
  total: Type.Integer({ minimum: 0, description: 'Verifications asked for in the last 24 hours' }),
  signedShare: share('Of them: verified; null where there were none'),
  unsignedShare: share('Of them: without a hash or a JWT'),
  failingShare: share('Of them: signed, but not verified'),
})

/** What enforcing would do: of each platform, what share would be rejected. */
export const Readiness24h = Type.Object(
  { web: PlatformReadiness, ios: PlatformReadiness, android: PlatformReadiness },
  {
    title: 'EnforcementReadiness',
    examples: [
      {
        web: { total: 1000, signedShare: 0.97, unsignedShare: 0.02, failingShare: 0.01 },
        ios: { total: 0, signedShare: null, unsignedShare: null, failingShare: null },
        android: { total: 0, signedShare: null, unsignedShare: null, failingShare: null },
      },
    ],
  },
)
export type Readiness24h = Static<typeof Readiness24h>
