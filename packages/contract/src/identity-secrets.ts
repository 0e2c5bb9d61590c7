import { type Static, Type } from 'typebox'
import { limits } from './limits.ts'

const nullableTime = (description: string) =>
  Type.Unsafe<string | null>({ type: ['string', 'null'], format: 'date-time', description })
const nullableString = (description: string) => Type.Unsafe<string | null>({ type: ['string', 'null'], description })

const name = Type.String({
  description: '1 to 255 characters after trimming, without control characters; returned trimmed',
  examples: ['Spring 2027'],
})

const Platforms = Type.Object({ web: Type.Boolean(), ios: Type.Boolean(), android: Type.Boolean() })

const WantedPlatforms = Type.Object(
  { web: Type.Optional(Type.Boolean()), ios: Type.Optional(Type.Boolean()), android: Type.Optional(Type.Boolean()) },
  { additionalProperties: false, description: 'At least one has to be true in the end' },
)

export const secretStates = ['active', 'disabled', 'retiring', 'expired', 'deleted'] as const

const IdentitySecretFields = {
  id: Type.String({ pattern: '^[1-9][0-9]{0,18}$', examples: ['12'] }),
  name: Type.String({ minLength: 1, maxLength: limits.nameLength }),
  platforms: Platforms,
  state: Type.Enum(secretStates, {
    description:
      'active and retiring ones verify; disabled, expired and deleted ones do not. Active, disabled and retiring ones ' +
      'count toward the limit of live secrets',
  }),
  fingerprint: Type.String({
    pattern: '^sha256:[0-9a-f]{16}$',
    description: '`sha256:` and the first 16 hex digits of the SHA-256 of the secret string',
  }),
  createdAt: Type.String({ format: 'date-time' }),
  createdBy: Type.String({ description: 'The token that made it' }),
  disabledAt: nullableTime('Since when it is disabled'),
  enableAt: nullableTime('When a disabled one is accepted again by itself; null: when somebody enables it'),
  expiresAt: nullableTime('From this very moment on it is refused; null: no end is set'),
  deletedAt: nullableTime('When it was deleted'),
  deletedBy: nullableString('The token that deleted it'),
  purgeAt: nullableTime('When the material of a deleted one is destroyed; until then it can be restored'),
  ageDays: Type.Integer({ minimum: 0, description: 'Whole days since it was made' }),
  rotationDueAt: nullableTime("When it is older than the workspace's policy allows; null: no policy, or not live"),
  lastVerifiedAt: nullableTime('When it last verified something; null: never'),
  successorId: nullableString('The secret that it was rotated to'),
}

const example = {
  id: '12',
  name: 'Spring 2027',
  platforms: { web: true, ios: true, android: false },
  state: 'active' as const,
  fingerprint: 'sha256:ca32af082f506652',
  createdAt: '2026-11-21T12:00:00.000Z',
  createdBy: 'tok_4k2mXb81TqLr0ZyN6vPd',
  disabledAt: null,
  enableAt: null,
  expiresAt: null,
  deletedAt: null,
  deletedBy: null,
  purgeAt: null,
  ageDays: 0,
  rotationDueAt: null,
  lastVerifiedAt: '2026-11-21T12:30:00.000Z',
  successorId: null,
}

/** An identity secret with all that has happened to it; its material is in no field. */
export const IdentitySecret = Type.Object(IdentitySecretFields, { title: 'IdentitySecret', examples: [example] })
export type IdentitySecret = Static<typeof IdentitySecret>

/** The answer to a create, an import or a rotation: the one place where the secret appears. */
export const CreatedIdentitySecret = Type.Object(
  {
    ...IdentitySecretFields,
    secret: Type.String({
      description: 'Shown here and never again. Its bytes as they stand are the key of the HMAC.',
    }),
  },
  {
    title: 'CreatedIdentitySecret',
    examples: [{ ...example, lastVerifiedAt: null, secret: 'nRqgDnhZ0yjNvuXWpmFhqE9tLxk7sIcO4gG2vBfPHcA' }],
  },
)
export type CreatedIdentitySecret = Static<typeof CreatedIdentitySecret>

export const IdentitySecretList = Type.Object(
  {
    data: Type.Array(IdentitySecret, { description: 'Oldest first' }),
    nextCursor: nullableString('null at the end'),
  },
  { title: 'IdentitySecretList', examples: [{ data: [example], nextCursor: null }] },
)
export type IdentitySecretList = Static<typeof IdentitySecretList>

export const CreateIdentitySecret = Type.Object(
  {
    name,
    platforms: WantedPlatforms,
    secret: Type.Optional(
      Type.String({
        minLength: 16,
        maxLength: 128,
        pattern: '^[\\x20-\\x7e]*$',
        description: 'Imports a secret that is signed with already; left out: one is made',
      }),
    ),
  },
  {
    title: 'CreateIdentitySecret',
    additionalProperties: false,
    examples: [{ name: 'Spring 2027', platforms: { web: true, ios: true } }],
  },
)
export type CreateIdentitySecret = Static<typeof CreateIdentitySecret>

export const EditIdentitySecret = Type.Object(
  { name: Type.Optional(name), platforms: Type.Optional(WantedPlatforms) },
  { title: 'EditIdentitySecret', additionalProperties: false, examples: [{ name: 'Spring 2027, web only' }] },
)
export type EditIdentitySecret = Static<typeof EditIdentitySecret>

export const DisableIdentitySecret = Type.Object(
  {
    revertAfterSeconds: Type.Optional(
      Type.Integer({
        minimum: 60,
        maximum: 86_400,
        description: 'It is accepted again by itself this long after, to the millisecond: see what would break',
      }),
    ),
  },
  { title: 'DisableIdentitySecret', additionalProperties: false, examples: [{ revertAfterSeconds: 300 }] },
)
export type DisableIdentitySecret = Static<typeof DisableIdentitySecret>

export const RetireIdentitySecret = Type.Object(
  {
    afterSeconds: Type.Integer({
      minimum: 0,
      maximum: 2_592_000,
      description: 'How long it is accepted yet; 0: not any more once this is answered',
    }),
  },
  { title: 'RetireIdentitySecret', additionalProperties: false, examples: [{ afterSeconds: 86_400 }] },
)
export type RetireIdentitySecret = Static<typeof RetireIdentitySecret>

export const RotateIdentitySecret = Type.Object(
  {
    name: Type.Optional(name),
    graceSeconds: Type.Optional(
      Type.Integer({
        minimum: 0,
        maximum: 2_592_000,
        default: 86_400,
        description: 'How long the old one is accepted yet: from now on, or from the first use of the new one',
      }),
    ),
    start: Type.Optional(
      Type.Enum(['now', 'first_use'] as const, {
        default: 'now',
        description:
          'first_use: the grace begins when the new one first verifies something through /v1/verifications; then ' +
          'graceSeconds is at least 60, and noLaterThanSeconds is required',
      }),
    ),
    noLaterThanSeconds: Type.Optional(
      Type.Integer({
        minimum: 60,
        maximum: 2_592_000,
        description: 'With first_use: the old one ends this long from now at the latest',
      }),
    ),
  },
  { title: 'RotateIdentitySecret', additionalProperties: false, examples: [{ graceSeconds: 86_400 }] },
)
export type RotateIdentitySecret = Static<typeof RotateIdentitySecret>
