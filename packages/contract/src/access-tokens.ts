import { type Static, Type } from 'typebox'
import { type Environment, environments } from './environments.ts'
import { limits } from './limits.ts'
import { type Scope, scopeNames } from './scopes.ts'

/** Sets of scopes by the job they are for. */
export const presets = {
  development: ['read_all'],
  staging: ['read_all', 'verify', 'write_secure_mode_secret'],
  'production-verifier': ['verify'],
  rotator: ['read_secure_mode_secret', 'write_secure_mode_secret'],
} as const satisfies Record<string, readonly Scope[]>

export type Preset = keyof typeof presets

const presetNames = Object.keys(presets) as Preset[] // sound: the object above has no other keys

const name = Type.String({
  description: '1 to 255 characters after trimming, without control characters; returned trimmed',
  examples: ['billing, production'],
})
const nullableTime = (description: string) =>
  Type.Unsafe<string | null>({ type: ['string', 'null'], format: 'date-time', description })

const AccessTokenFields = {
  id: Type.String({ pattern: '^tok_[0-9A-Za-z]{20}$', examples: ['tok_4k2mXb81TqLr0ZyN6vPd'] }),
  name: Type.String({ minLength: 1, maxLength: limits.nameLength }),
  workspaceId: Type.Unsafe<string | null>({
    type: ['string', 'null'],
    description: 'The workspace it belongs to; null for an instance token',
  }),
  scopes: Type.Array(Type.Enum(scopeNames)),
  environment: Type.Unsafe<Environment | null>({ enum: [...environments, null], description: 'A label' }),
  state: Type.Enum(['active', 'retiring', 'expired'] as const, {
    description: 'retiring: it was rotated, and is accepted until expiresAt',
  }),
  createdAt: Type.String({ format: 'date-time' }),
  createdBy: Type.String({ description: 'The token that made it, or what did' }),
  expiresAt: nullableTime('From this very moment on it is refused; null: no end is set'),
  rotationDueAt: nullableTime(
    "When it is older than the workspace's policy allows; null: no policy, a token of the instance, or expired",
  ),
  successorId: Type.Unsafe<string | null>({ type: ['string', 'null'], description: 'The token it was rotated to' }),
  lastUsedAt: nullableTime('Sampled once a minute; null: never'),
  unusedScopes: Type.Unsafe<Scope[] | null>({
    type: ['array', 'null'],
    items: { enum: [...scopeNames] },
    description: 'Granted, and not used in 30 days; null while the token is younger than that',
  }),
}

const example = {
  id: 'tok_4k2mXb81TqLr0ZyN6vPd',
  name: 'billing, production',
  workspaceId: 'ws_17sSKKYRCiSq3s1i3iFD',
  scopes: ['verify'] as Scope[],
  environment: 'production',
  state: 'active',
  createdAt: '2026-11-21T12:00:00.000Z',
  createdBy: 'tok_0f9jQm2LwXc7RbT5yKsV',
  expiresAt: null,
  rotationDueAt: '2027-02-19T12:00:00.000Z',
  successorId: null,
  lastUsedAt: '2026-11-21T12:30:00.000Z',
  unusedScopes: null,
}

/** An access token as it is listed: without the token itself. */
export const AccessToken = Type.Object(AccessTokenFields, { title: 'AccessToken', examples: [example] })
export type AccessToken = Static<typeof AccessToken>

/** The answer to a create or a rotation: the one place where the token appears. */
export const CreatedAccessToken = Type.Object(
  {
    ...AccessTokenFields,
    token: Type.String({
      pattern: '^cut_[0-9A-Za-z]{38}$',
      description: 'Shown here and never again. The last six characters are a checksum of the 32 before them.',
    }),
  },
  {
    title: 'CreatedAccessToken',
    examples: [{ ...example, lastUsedAt: null, token: 'cut_UmZraViLuwGTxnkZjE0rwgeYtPYjb9PM23rhTP' }],
  },
)
export type CreatedAccessToken = Static<typeof CreatedAccessToken>

export const AccessTokenList = Type.Object(
  {
    data: Type.Array(AccessToken, { description: 'Oldest first; revoked ones are absent' }),
    nextCursor: Type.Unsafe<string | null>({ type: ['string', 'null'], description: 'null at the end' }),
  },
  { title: 'AccessTokenList', examples: [{ data: [example], nextCursor: null }] },
)
export type AccessTokenList = Static<typeof AccessTokenList>

export const CreateAccessToken = Type.Object(
  {
    name,
    scopes: Type.Optional(
      Type.Array(Type.Enum(scopeNames), { minItems: 1, uniqueItems: true, description: 'None that the caller lacks' }),
    ),
    preset: Type.Optional(Type.Enum(presetNames, { description: 'In place of scopes' })),
    environment: Type.Optional(Type.Enum(environments)),
    expiresInSeconds: Type.Optional(
      Type.Integer({
        minimum: 1,
        maximum: limits.tokenLifeSeconds,
        description: "Not past the caller's own end, which is the default where it has one",
      }),
    ),
    instance: Type.Optional(Type.Boolean({ description: 'A token of no workspace; needs manage_workspaces' })),
  },
  {
    title: 'CreateAccessToken',
    additionalProperties: false,
    examples: [{ name: 'billing, production', preset: 'production-verifier', environment: 'production' }],
  },
)
export type CreateAccessToken = Static<typeof CreateAccessToken>

export const RotateAccessToken = Type.Object(
  {
    oldTokenValidForSeconds: Type.Integer({
      minimum: 0,
      maximum: limits.tokenGraceSeconds,
      description: 'How long the old token is still accepted; 0: not at all once this is answered',
    }),
  },
  { title: 'RotateAccessToken', additionalProperties: false, examples: [{ oldTokenValidForSeconds: 60 }] },
)
export type RotateAccessToken = Static<typeof RotateAccessToken>
