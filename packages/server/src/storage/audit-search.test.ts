import { type CompiledQuery, type Kysely, sql } from 'kysely'
import { describe, expect, it } from 'vitest'
import { engines, startInProcess } from '../../test/in-process.ts'
import type { AuditFilter } from '../audit/ports.ts'
import { auditRepository } from './audit-repository.ts'
import type { Engine } from './engine.ts'
import type { Database } from './schema.ts'

const size = 20_000

/** Rows as a long life leaves them, all in one chain; they are there to be searched, and fit no hash. */
async function fill(db: Kysely<Database>, engine: Engine, chain: string): Promise<void> {
  const numbers =
    engine === 'sqlite'
      ? sql`with recursive n(i) as (select 1 union all select i + 1 from n where i < ${sql.lit(size)}) select i from n`
      : sql`select i from generate_series(1, ${sql.lit(size)}) as i`
  await sql`
    insert into audit_log (chain, sequence, timestamp, action, actor_type, actor_id, resource_type, resource_id, result,
      metadata, previous_hash, hash)
    select ${sql.lit(chain)}, i, i, case when i % 1000 = 0 then 'identity_secret.deleted' else 'identity_secret.created' end,
      'access_token', ${sql.lit('tok_')} || (i % 500), 'identity_secret', '' || (i % 700),
      case when i % 900 = 0 then 'failure' else 'success' end, '{}', '', ''
    from (${numbers}) as numbers`.execute(db)
  // PostgreSQL does this by itself; nobody does it on SQLite.
  if (engine === 'postgres') await sql`analyze`.execute(db)
}

/** What the engine says of how it runs the last statement that `search` makes. */
async function planOf(
  db: Kysely<Database>,
  engine: Engine,
  search: (db: Kysely<Database>) => Promise<unknown>,
): Promise<string> {
  let statement: CompiledQuery | undefined
  const listening = db.withPlugin({
    transformQuery: ({ node, queryId }) => {
      statement = db.getExecutor().compileQuery(node, queryId)
      return node
    },
    transformResult: async ({ result }) => result,
  })
  await search(listening)
  // With its parameters written out: neither engine explains placeholders as it runs them.
  const literal = (value: unknown) => (typeof value === 'number' ? String(value) : `'${value}'`)
  const text = (statement?.parameters ?? []).reduce<string>(
    (before, value) => before.replace(/\?|\$\d+/, () => literal(value)),
    statement?.sql ?? '',
  )
  const explain = engine === 'sqlite' ? 'explain query plan' : 'explain'
  const { rows } = await sql<Record<string, string>>`${sql.raw(`${explain} ${text}`)}`.execute(db)
  return rows.map((row) => row['detail'] ?? row['QUERY PLAN']).join('\n')
}

const none: AuditFilter = { actorId: null, action: null, resourceId: null, result: null, fromMs: null, toMs: null }

const searches: readonly (readonly [index: string, Partial<AuditFilter>])[] = [
  ['audit_log_by_time', {}],
  ['audit_log_by_actor', { actorId: 'tok_7' }],
  ['audit_log_by_action', { action: 'identity_secret.deleted' }],
  ['audit_log_by_resource', { resourceId: '7' }],
  ['audit_log_by_result', { result: 'failure' }],
]

const times: readonly Partial<AuditFilter>[] = [{}, { fromMs: 5000 }, { toMs: 16_000 }, { fromMs: 5000, toMs: 16_000 }]

describe.each(engines)('a search in a long audit log on %s', (engine) => {
  it('by each filter goes along the index of that filter, in the order that is shown, without a sort', async () => {
    await using cutover = await startInProcess({ engine })
    const { db } = cutover.cutover.opened
    await fill(db, engine, cutover.workspaceId)
    const cases = searches.flatMap(([index, by]) =>
      times.map((time) => ({ index, filter: { ...none, ...by, ...time } })),
    )
    for (const { index, filter } of cases) {
      for (const after of [null, 15_000]) {
        const find = (on: Kysely<Database>) => auditRepository(on).find(cutover.workspaceId, filter, after, 51)
        const plan = await planOf(db, engine, find)
        const what = JSON.stringify({ filter, after })
        expect(plan, what).toContain(`${index} `)
        expect(plan, what).not.toMatch(/sort|temp b-tree|seq scan|bitmap/i)
        // All that is asked for is a bound of the walk along the index, and not a test of each row.
        if (engine === 'postgres') expect(plan, what).not.toMatch(/^ *Filter:/m)
      }
    }
  })
})
