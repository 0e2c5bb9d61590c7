import { type Static, Type } from 'typebox'
import { auditActions } from './audit-actions.ts'

export const auditActorTypes = ['access_token', 'integrator', 'address', 'system'] as const
export type AuditActorType = (typeof auditActorTypes)[number]

export const auditResourceTypes = [
  'access_token',
  'identity_secret',
  'integrator',
  'workspace',
  'session',
  'settings',
  'store',
  'request',
] as const
export type AuditResourceType = (typeof auditResourceTypes)[number]

export const auditResults = ['success', 'failure'] as const
export type AuditResult = (typeof auditResults)[number]

const nullableString = (description: string) => Type.Unsafe<string | null>({ type: ['string', 'null'], description })
const sha256 = (description: string) => Type.String({ pattern: '^[0-9a-f]{64}$', description })
const chain = Type.String({ pattern: '^(?:instance|ws_[0-9A-Za-z]{20})$', description: 'A workspace, or `instance`' })
const time = (description: string) => Type.String({ format: 'date-time', description })

const example = {
  sequence: 7,
  timestamp: '2026-11-21T12:00:00.000Z',
  action: 'identity_secret.created',
  actor: { type: 'access_token', id: 'tok_4k2mXb81TqLr0ZyN6vPd', name: 'rotator' },
  resource: { type: 'identity_secret', id: '12' },
  result: 'success',
  metadata: { name: 'Spring 2027', fingerprint: 'sha256:ca32af082f506652' },
  requestId: '6b1f4f52-6d1c-4d3e-9c5a-2f3a6c0b7d10',
  ip: '192.0.2.1',
  previousHash: '0f7b5a2c6c1d9c1e1a4b3f0e5d2c8b7a6f9e0d1c2b3a4958677685940312fedc',
  hash: '5e1c0b9a8f7d6e5c4b3a29181706f5e4d3c2b1a09f8e7d6c5b4a392817060514',
}

export const AuditEntry = Type.Object(
  {
    sequence: Type.Integer({ minimum: 1, description: 'Its place in its chain, from 1 on and without gaps' }),
    timestamp: time('When it happened'),
    action: Type.Enum(auditActions),
    actor: Type.Object({
      type: Type.Enum(auditActorTypes),
      id: Type.String({
        description: 'A token or an integrator, an address where no good token was sent, or what did it by itself',
      }),
      name: nullableString('The name that it had'),
    }),
    resource: Type.Object({ type: Type.Enum(auditResourceTypes), id: nullableString('null: none in particular') }),
    result: Type.Enum(auditResults, { description: 'failure: it was refused' }),
    metadata: Type.Unsafe<Readonly<Record<string, unknown>>>({
      type: 'object',
      additionalProperties: true,
      description: 'What there is to say of this action; never a secret, a token or a signature',
    }),
    requestId: nullableString('The X-Request-Id of the request; null where there was none'),
    ip: nullableString('The address that the request came from'),
    previousHash: sha256('The hash of the entry before; 64 zeros for the first'),
    hash: sha256(
      'SHA-256 over the ASCII of previousHash followed by the canonical JSON (RFC 8785) of the entry without ' +
        'previousHash and hash',
    ),
  },
  { title: 'AuditEntry', examples: [example] },
)
export type AuditEntry = Static<typeof AuditEntry>

export const AuditEntryList = Type.Object(
  {
    data: Type.Array(AuditEntry, { description: 'Newest first' }),
    nextCursor: nullableString('null at the end'),
  },
  { title: 'AuditEntryList', examples: [{ data: [example], nextCursor: '7' }] },
)
export type AuditEntryList = Static<typeof AuditEntryList>

export const AuditCheckpoint = Type.Object(
  {
    chain,
    size: Type.Integer({ minimum: 0, description: 'How many entries the chain has' }),
    headHash: sha256('The hash of the last one; 64 zeros where there is none'),
    time: time('When it was made'),
    keyId: Type.String({ description: 'The kid of the key that signed it' }),
    signature: Type.String({
      pattern: '^[A-Za-z0-9_-]{86}$',
      description:
        'Ed25519 (RFC 8032) over the UTF-8 of the canonical JSON (RFC 8785) of chain, size, headHash and time; base64url',
    }),
  },
  {
    title: 'AuditCheckpoint',
    examples: [
      {
        chain: 'ws_17sSKKYRCiSq3s1i3iFD',
        size: 7,
        headHash: example.hash,
        time: '2026-11-21T12:01:00.000Z',
        keyId: 'kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k',
        signature: 'hgyY0il_MGCjP0JzlnLWG1PPOt7-09PGcvMg3AIbQR6dWbhijcNR4ki4iylGjg5BhVsPt9g7sVvpAr_MuM0KAg',
      },
    ],
  },
)
export type AuditCheckpoint = Static<typeof AuditCheckpoint>

export const AuditKey = Type.Object(
  {
    kty: Type.Literal('OKP'),
    crv: Type.Literal('Ed25519'),
    x: Type.String({ pattern: '^[A-Za-z0-9_-]{43}$', description: 'The public key, base64url' }),
    kid: Type.String({ pattern: '^[A-Za-z0-9_-]{43}$', description: 'Its thumbprint, RFC 7638' }),
    alg: Type.Literal('EdDSA'),
    use: Type.Literal('sig'),
  },
  {
    title: 'AuditKey',
    description: 'JWK (RFC 8037)',
    examples: [
      {
        kty: 'OKP',
        crv: 'Ed25519',
        x: '11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo',
        kid: 'kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k',
        alg: 'EdDSA',
        use: 'sig',
      },
    ],
  },
)
export type AuditKey = Static<typeof AuditKey>
