import { type Static, Type } from 'typebox'
import { type Environment, environments } from './environments.ts'
import { scopeNames } from './scopes.ts'

/** Of the store that this server is on. */
export const isDemo = Type.Literal(true, {
  description: 'The store was filled by `--demo`: its clients are simulated; absent otherwise',
})

export const Health = Type.Object(
  {
    status: Type.Literal('ok'),
    workspaceId: Type.Unsafe<string | null>({
      type: ['string', 'null'],
      pattern: '^ws_[0-9A-Za-z]{20}$',
      description: 'The workspace that this token acts in; null for an instance token that has to name one',
    }),
    tokenName: Type.String(),
    environment: Type.Unsafe<Environment | null>({ enum: [...environments, null] }),
    scopes: Type.Array(Type.Enum(scopeNames)),
    expiresAt: Type.Unsafe<string | null>({ type: ['string', 'null'], format: 'date-time' }),
    demo: Type.Optional(isDemo),
  },
  {
    title: 'Health',
    examples: [
      {
        status: 'ok',
        workspaceId: 'ws_4k2mXb81TqLr0ZyN6vPd',
        tokenName: 'verifier',
        environment: 'production',
        scopes: ['verify'],
        expiresAt: null,
      },
    ],
  },
)
export type Health = Static<typeof Health>

export const Liveness = Type.Object({ status: Type.Literal('ok') }, { title: 'Liveness', examples: [{ status: 'ok' }] })

export const Readiness = Type.Object(
  {
    status: Type.Enum(['ok', 'unavailable'] as const),
    store: Type.Enum(['ok', 'unavailable'] as const, { description: 'Whether the store answers' }),
  },
  { title: 'Readiness', examples: [{ status: 'ok', store: 'ok' }] },
)
