import { type Static, Type } from 'typebox'

/** A process that serves, or did until it was given up. */
export const Node = Type.Object(
  {
    id: Type.String({ description: 'New with each registration' }),
    version: Type.String({ description: 'Of the software' }),
    state: Type.Enum(['serving', 'silent', 'fenced'] as const, {
      description:
        'silent: its lease is over, and it answers nothing; fenced: given up, it has to register anew before it answers',
    }),
    startedAt: Type.String({ format: 'date-time' }),
    appliedEpoch: Type.Integer({ minimum: 0, description: 'The change up to which it holds nothing out of date' }),
    behindBy: Type.Integer({ minimum: 0, description: 'How many changes it has not acknowledged yet' }),
    leaseMs: Type.Integer({ minimum: 1, description: 'How long a lease lasts' }),
    leaseLeftMs: Type.Integer({ minimum: 0, description: 'What is left of the last one, by the clock of the store' }),
    masterKeyIds: Type.Array(Type.String(), { description: 'The kid of each master key that it can open with' }),
  },
  {
    title: 'Node',
    examples: [
      {
        id: 'node_4k2mXb81TqLr0ZyN6vPd',
        version: '0.1.0',
        state: 'serving',
        startedAt: '2026-11-21T12:00:00.000Z',
        appliedEpoch: 42,
        behindBy: 0,
        leaseMs: 10_000,
        leaseLeftMs: 9_312,
        masterKeyIds: ['1f9c'],
      },
    ],
  },
)
export type Node = Static<typeof Node>

export const NodeList = Type.Object(
  {
    data: Type.Array(Node, { description: 'Oldest first' }),
    nextCursor: Type.Null({ description: 'All are on one page' }),
  },
  { title: 'NodeList', examples: [{ data: [], nextCursor: null }] },
)
export type NodeList = Static<typeof NodeList>
