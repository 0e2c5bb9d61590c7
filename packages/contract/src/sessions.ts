import { type Static, Type } from 'typebox'
import { type Environment, environments } from './environments.ts'
import { isDemo } from './health.ts'
import { scopeNames } from './scopes.ts'

/** The one place where a browser sends its access token. */
export const CreateSession = Type.Object(
  { token: Type.String({ maxLength: 1024, description: 'An access token, `cut_…`' }) },
  {
    title: 'CreateSession',
    additionalProperties: false,
    examples: [{ token: 'cut_UmZraViLuwGTxnkZjE0rwgeYtPYjb9PM23rhTP' }],
  },
)
export type CreateSession = Static<typeof CreateSession>

/** What the token of a session is and may do; the session itself is in the cookie alone. */
export const CreatedSession = Type.Object(
  {
    tokenName: Type.String(),
    workspaceId: Type.Unsafe<string | null>({
      type: ['string', 'null'],
      pattern: '^ws_[0-9A-Za-z]{20}$',
      description: 'The workspace that the token acts in; null for an instance token that has to name one',
    }),
    scopes: Type.Array(Type.Enum(scopeNames)),
    environment: Type.Unsafe<Environment | null>({ enum: [...environments, null] }),
    expiresAt: Type.Unsafe<string | null>({
      type: ['string', 'null'],
      format: 'date-time',
      description: 'When the token is refused; null: no end is set',
    }),
    demo: Type.Optional(isDemo),
    sessionExpiresAt: Type.String({
      format: 'date-time',
      description: 'When the session ends at the latest; it ends 8 hours after its last use, too',
    }),
  },
  {
    title: 'CreatedSession',
    examples: [
      {
        tokenName: 'operator',
        workspaceId: 'ws_4k2mXb81TqLr0ZyN6vPd',
        scopes: ['read_all'],
        environment: null,
        expiresAt: null,
        sessionExpiresAt: '2026-11-22T12:00:00.000Z',
      },
    ],
  },
)
export type CreatedSession = Static<typeof CreatedSession>
