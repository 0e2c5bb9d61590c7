import { type Kysely, sql } from 'kysely'
import { describe, expect, it } from 'vitest'
import { userHash } from '../../test/caller.ts'
import { engines, type InProcess, startInProcess } from '../../test/in-process.ts'
import type { Engine } from '../storage/engine.ts'
import type { Database } from '../storage/schema.ts'

interface Fault {
  readonly what: string
  readonly on: readonly Engine[]
  begin(db: Kysely<Database>, engine: Engine): Promise<unknown>
  end(db: Kysely<Database>, engine: Engine): Promise<unknown>
}

/** `outcome` is what the trigger does to a new row of the audit log, in the words of SQLite. */
function refuseRows(table: 'audit_log' | 'audit_heads', outcome: 'abort' | 'rollback'): Pick<Fault, 'begin' | 'end'> {
  const of = sql.table(table)
  return {
    begin: async (db, engine) => {
      if (engine === 'sqlite') {
        const raise = sql.raw(`raise(${outcome}, 'no more room')`)
        return sql`create trigger refuse before insert on ${of} begin select ${raise}; end`.execute(db)
      }
      await sql`create function refuse() returns trigger language plpgsql as
        $$ begin raise exception 'no more room'; end $$`.execute(db)
      return sql`create trigger refuse before insert on ${of} for each row execute function refuse()`.execute(db)
    },
    end: (db, engine) =>
      engine === 'sqlite' ? sql`drop trigger refuse`.execute(db) : sql`drop function refuse cascade`.execute(db),
  }
}

const faults: readonly Fault[] = [
  { what: 'its row is refused', on: engines, ...refuseRows('audit_log', 'abort') },
  { what: 'the head of its chain is refused', on: engines, ...refuseRows('audit_heads', 'abort') },
  // What SQLite does by itself when a disk is full (lang_transaction, section 3.1).
  { what: 'the transaction is rolled back under it', on: ['sqlite'], ...refuseRows('audit_log', 'rollback') },
  {
    what: 'its table is gone',
    on: engines,
    begin: (db) => sql`alter table audit_log rename to elsewhere`.execute(db),
    end: (db) => sql`alter table elsewhere rename to audit_log`.execute(db),
  },
  {
    what: 'its commit is refused',
    on: ['postgres'],
    begin: async (db) => {
      await sql`create function refuse() returns trigger language plpgsql as
        $$ begin raise exception 'no more room'; end $$`.execute(db)
      await sql`create constraint trigger refuse after insert on audit_log deferrable initially deferred
        for each row execute function refuse()`.execute(db)
    },
    end: (db) => sql`drop function refuse cascade`.execute(db),
  },
]

const cases = faults.flatMap((fault) => fault.on.map((engine) => ({ ...fault, engine })))

/** Everything in the store but what idle housekeeping may write. */
async function contents({ cutover }: InProcess): Promise<unknown> {
  const { db } = cutover.opened
  return {
    secrets: await db.selectFrom('signing_secrets').selectAll().orderBy('id').execute(),
    tokens: await db.selectFrom('access_tokens').selectAll().orderBy('id').execute(),
    workspaces: await db.selectFrom('workspaces').selectAll().orderBy('id').execute(),
    epoch: await db.selectFrom('revocation_epoch').select('value').execute(),
    changes: await db.selectFrom('changes').selectAll().orderBy('epoch').execute(),
    kept: await db.selectFrom('kept_answers').selectAll().execute(),
    heads: await db.selectFrom('audit_heads').selectAll().orderBy('chain').execute(),
  }
}

describe('while an audit entry cannot be written', () => {
  it.each(cases)(
    'because $what, on $engine, nothing changes, changes are 503, and verification goes on',
    async (fault) => {
      await using cutover = await startInProcess({ engine: fault.engine })
      const { db } = cutover.cutover.opened
      const create = {
        method: 'POST',
        url: '/secure_mode_secrets',
        payload: { name: 'a', supports_web: true },
      } as const
      const { id, secret } = (await cutover.call(create)).json()
      const payload = { platform: 'web', userId: 'user_1', userHash: userHash(secret, 'user_1') }
      const verification = { method: 'POST', url: '/v1/verifications', payload } as const
      const before = await contents(cutover)
      await fault.begin(db, fault.engine)

      const remove = { method: 'DELETE', url: `/secure_mode_secrets/${id}` } as const
      const keyed = { ...create, headers: { 'idempotency-key': 'k' } }
      for (const change of [create, keyed, remove]) {
        const response = await cutover.call(change)
        expect(response.statusCode).toBe(503)
        expect(response.headers['retry-after']).toBe('1')
        expect(response.json().errors).toEqual([{ code: 'service_unavailable', message: 'Service unavailable' }])
      }
      for (const payload of [{ name: 'b', preset: 'rotator' }, { name: 'b' }]) {
        const url = 'preset' in payload ? '/v1/access-tokens' : '/v1/workspaces'
        const response = await cutover.call({ method: 'POST', url, payload })
        expect([response.statusCode, response.json().code]).toEqual([503, 'service_unavailable'])
      }
      expect(await contents(cutover)).toEqual(before)
      expect((await cutover.call(verification)).json()).toMatchObject({ verified: true, secretId: id })
      cutover.cutover.node.dropAll()
      expect((await cutover.call(verification)).json()).toMatchObject({ verified: true, secretId: id })

      await fault.end(db, fault.engine)
      expect((await cutover.call(remove)).statusCode).toBe(204)
      expect((await cutover.call(verification)).json()).toMatchObject({ verified: false })
    },
  )

  it('because the disk is full, nothing changes, changes are 503, and verification goes on', async () => {
    await using cutover = await startInProcess({ environment: { CUTOVER_MAX_ACTIVE_SECRETS: '1000' } })
    const { db } = cutover.cutover.opened
    const create = { method: 'POST', url: '/secure_mode_secrets', payload: { name: 'a', supports_web: true } } as const
    const { secret } = (await cutover.call(create)).json()
    const { rows } = await sql<{ page_count: number }>`pragma page_count`.execute(db)
    await sql`pragma max_page_count = ${sql.lit(rows[0]?.page_count ?? 0)}`.execute(db)
    // What is left of the last pages is filled first.
    let before: unknown
    let status = 201
    while (status === 201) {
      before = await contents(cutover)
      status = (await cutover.call(create)).statusCode
    }
    expect(status).toBe(503)
    expect(await contents(cutover)).toEqual(before)
    const payload = { platform: 'web', userId: 'user_1', userHash: userHash(secret, 'user_1') }
    const verified = await cutover.call({ method: 'POST', url: '/v1/verifications', payload })
    expect(verified.json()).toMatchObject({ verified: true })
    await sql`pragma max_page_count = 1000000`.execute(db)
    expect((await cutover.call(create)).statusCode).toBe(201)
  })
})
