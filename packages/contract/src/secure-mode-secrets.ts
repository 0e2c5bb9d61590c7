import { type Static, Type } from 'typebox'

const id = Type.String({ pattern: '^[1-9][0-9]{0,18}$', description: 'Decimal id', examples: ['12'] })
const flag = (platform: string) => Type.Boolean({ description: `Whether it verifies users of ${platform}` })

const SecureModeSecretFields = {
  type: Type.Literal('identity_verification_secret'),
  id,
  name: Type.String({ minLength: 1, maxLength: 255, examples: ['Spring 2027'] }),
  supports_android: flag('Android apps'),
  supports_ios: flag('iOS apps'),
  supports_web: flag('the web'),
  created_at: Type.Integer({ description: 'Unix seconds', examples: [1795254000] }),
}

/** An identity secret as every answer but the first shows it: without the secret itself. */
export const SecureModeSecret = Type.Object(SecureModeSecretFields, {
  title: 'IdentityVerificationSecret',
  description: 'An identity verification secret, without the secret itself',
})
export type SecureModeSecret = Static<typeof SecureModeSecret>

/** The answer to a create: the one place where the secret appears. */
export const CreatedSecureModeSecret = Type.Object(
  {
    ...SecureModeSecretFields,
    secret: Type.String({
      pattern: '^[A-Za-z0-9_-]{43}$',
      description: '32 random bytes, base64url without padding. Shown here and never again.',
      examples: ['9Zw0xNs3vKk0fPz9rwKqNbzH3mPVQmQxL9vhSm9Tk4A'],
    }),
  },
  { title: 'CreatedIdentityVerificationSecret', description: 'A new identity verification secret, with the secret' },
)
export type CreatedSecureModeSecret = Static<typeof CreatedSecureModeSecret>

export const SecureModeSecretList = Type.Object(
  { type: Type.Literal('list'), data: Type.Array(SecureModeSecret, { description: 'Oldest first' }) },
  { title: 'IdentityVerificationSecretList' },
)
export type SecureModeSecretList = Static<typeof SecureModeSecretList>

export const CreateSecureModeSecret = Type.Object(
  {
    name: Type.String({
      description: '1 to 255 characters after trimming, without control characters; returned trimmed',
      examples: ['Spring 2027'],
    }),
    supports_android: Type.Optional(flag('Android apps')),
    supports_ios: Type.Optional(flag('iOS apps')),
    supports_web: Type.Optional(flag('the web')),
  },
  {
    title: 'CreateIdentityVerificationSecret',
    description: 'A flag left out is false; at least one must be true. Unknown fields are ignored.',
    examples: [{ name: 'Spring 2027', supports_web: true }],
  },
)
export type CreateSecureModeSecret = Static<typeof CreateSecureModeSecret>

export const SecureModeSecretParams = Type.Object({
  id: Type.String({ description: 'Decimal id of an identity verification secret' }),
})
