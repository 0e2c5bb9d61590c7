import { type Static, Type } from 'typebox'
import { limits } from './limits.ts'

const nullableTime = (description: string) =>
  Type.Unsafe<string | null>({ type: ['string', 'null'], format: 'date-time', description })

const fingerprint = Type.String({
  pattern: '^sha256:[0-9a-f]{16}$',
  description:
    '`sha256:` and the first 16 hex digits of the SHA-256 of the secret string: whoever holds it can compute it',
})

/** A secret of an integrator, without its material. */
export const IntegratorSecret = Type.Object(
  {
    fingerprint,
    state: Type.Enum(['current', 'retiring'] as const, {
      description: 'current: the one that may regenerate; retiring: accepted until expiresAt',
    }),
    expiresAt: nullableTime('From this very moment on it is refused; null: no end is set'),
  },
  { title: 'IntegratorSecret' },
)
export type IntegratorSecret = Static<typeof IntegratorSecret>

/** The same, as an operator sees it. */
export const ManagedIntegratorSecret = Type.Object(
  {
    ...IntegratorSecret.properties,
    createdAt: Type.String({ format: 'date-time' }),
    rotationDueAt: nullableTime("When it is older than the workspace's policy allows; null: no policy"),
  },
  { title: 'ManagedIntegratorSecret' },
)
export type ManagedIntegratorSecret = Static<typeof ManagedIntegratorSecret>

const exampleSecrets: IntegratorSecret[] = [
  { fingerprint: 'sha256:ca32af082f506652', state: 'current', expiresAt: null },
  { fingerprint: 'sha256:1f0be1a2c3d45968', state: 'retiring', expiresAt: '2026-11-21T13:00:00.000Z' },
]

const IdentityFields = {
  id: Type.String({ pattern: '^itg_[0-9A-Za-z]{20}$', examples: ['itg_6RfPz0aVb31mKc8sJtWq'] }),
  key: Type.String({
    pattern: '^int_[0-9A-Za-z]{20}$',
    description: 'What the integrator sends as X-Integrator-Key; no secret',
    examples: ['int_b2K9qTzX4mWvL0sYh7Rd'],
  }),
  name: Type.String({ minLength: 1, maxLength: limits.nameLength }),
}

const exampleIdentity = { id: 'itg_6RfPz0aVb31mKc8sJtWq', key: 'int_b2K9qTzX4mWvL0sYh7Rd', name: 'Acme payouts' }

/** What an integrator sees of itself. */
export const OwnIntegrator = Type.Object(
  {
    ...IdentityFields,
    workspaceId: Type.String(),
    secrets: Type.Array(IntegratorSecret, { description: 'Those that are accepted now, the current one first' }),
  },
  {
    title: 'OwnIntegrator',
    examples: [{ ...exampleIdentity, workspaceId: 'ws_17sSKKYRCiSq3s1i3iFD', secrets: exampleSecrets }],
  },
)
export type OwnIntegrator = Static<typeof OwnIntegrator>

const ManagedFields = {
  ...OwnIntegrator.properties,
  secrets: Type.Array(ManagedIntegratorSecret, { description: 'Those that are accepted now, the current one first' }),
  createdAt: Type.String({ format: 'date-time' }),
  createdBy: Type.String({ description: 'The token that made it' }),
}

/** An integrator as an operator sees it. */
export const Integrator = Type.Object(ManagedFields, {
  title: 'Integrator',
  examples: [
    {
      ...exampleIdentity,
      workspaceId: 'ws_17sSKKYRCiSq3s1i3iFD',
      secrets: exampleSecrets.map((each) => ({
        ...each,
        createdAt: '2026-11-01T09:00:00.000Z',
        rotationDueAt: '2027-01-30T09:00:00.000Z',
      })),
      createdAt: '2026-11-01T09:00:00.000Z',
      createdBy: 'tok_4k2mXb81TqLr0ZyN6vPd',
    },
  ],
})
export type Integrator = Static<typeof Integrator>

export const IntegratorList = Type.Object(
  {
    data: Type.Array(Integrator, { description: 'Oldest first; deleted ones are absent' }),
    nextCursor: Type.Unsafe<string | null>({ type: ['string', 'null'], description: 'null at the end' }),
  },
  { title: 'IntegratorList', examples: [{ data: [], nextCursor: null }] },
)
export type IntegratorList = Static<typeof IntegratorList>

const secret = Type.String({
  pattern: '^ints_[0-9A-Za-z]{49}$',
  description: 'Shown here and never again. The last six characters are a checksum of the 43 before them.',
  examples: ['ints_Zt5jW0mPq8sLr2vKc7xBn4yHd1gFa9eUo3iTw6RzYQXbV2kMc71d'],
})

export const CreateIntegrator = Type.Object(
  {
    name: Type.String({
      description: '1 to 255 characters after trimming, without control characters; returned trimmed',
      examples: ['Acme payouts'],
    }),
  },
  { title: 'CreateIntegrator', additionalProperties: false, examples: [{ name: 'Acme payouts' }] },
)
export type CreateIntegrator = Static<typeof CreateIntegrator>

/** The answer to a create: with the first secret, once. */
export const CreatedIntegrator = Type.Object(
  { ...IdentityFields, secret, createdAt: Type.String({ format: 'date-time' }) },
  { title: 'CreatedIntegrator' },
)
export type CreatedIntegrator = Static<typeof CreatedIntegrator>

/** Unknown fields are ignored: clients written for another API may send more. */
export const RegenerateSecret = Type.Object(
  {
    oldSecretValidForSeconds: Type.Optional(
      Type.Number({
        minimum: 0,
        maximum: limits.integratorGraceSeconds,
        default: 0,
        description: 'How long the secret current until now is still accepted; 0: not at all once this is answered',
      }),
    ),
  },
  { title: 'RegenerateSecret', examples: [{ oldSecretValidForSeconds: 60 }] },
)
export type RegenerateSecret = Static<typeof RegenerateSecret>

export const RegeneratedSecret = Type.Object(
  {
    secret,
    oldSecretExpiresAt: Type.Optional(
      Type.String({ format: 'date-time', description: 'Present only where the old secret is still accepted' }),
    ),
  },
  { title: 'RegeneratedSecret' },
)
export type RegeneratedSecret = Static<typeof RegeneratedSecret>
