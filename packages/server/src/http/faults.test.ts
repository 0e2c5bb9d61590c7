import { join } from 'node:path'
import BetterSqlite from 'better-sqlite3'
import { sql } from 'kysely'
import { describe, expect, it } from 'vitest'
import { engines, type InProcess, startInProcess } from '../../test/in-process.ts'

const create = { method: 'POST', url: '/secure_mode_secrets', payload: { name: 'a', supports_web: true } } as const
const keyed = { ...create, headers: { 'idempotency-key': 'k' } }

/** Somebody else who holds the write lock of the store, until it is disposed of. */
async function holdWriteLock({ cutover }: InProcess): Promise<AsyncDisposable> {
  const { db, engine } = cutover.opened
  if (engine === 'sqlite') {
    const { rows } = await sql<{ file: string }>`select file from pragma_database_list`.execute(db)
    const other = new BetterSqlite(join(rows[0]?.file ?? ''))
    other.exec('begin immediate')
    return { [Symbol.asyncDispose]: async () => void other.close() }
  }
  const transaction = await db.startTransaction().execute()
  await sql`set local idle_in_transaction_session_timeout = 0`.execute(transaction)
  await sql`select value from revocation_epoch for update`.execute(transaction)
  return { [Symbol.asyncDispose]: () => transaction.rollback().execute() }
}

describe.each(engines)('faults on %s', (engine) => {
  it('a repeat is 409 while the first request with its Idempotency-Key is still running', async () => {
    await using cutover = await startInProcess({ engine, idempotencyWaitMs: 30 })
    const lock = await holdWriteLock(cutover)
    const both = [cutover.call(keyed), cutover.call(keyed)]
    const earlier = await Promise.race(both)
    await lock[Symbol.asyncDispose]()
    expect(earlier.statusCode).toBe(409)
    expect(earlier.json().errors).toEqual([
      { code: 'conflict', message: 'The first request with this Idempotency-Key is still running' },
    ])
    const created = (await Promise.all(both)).find(({ statusCode }) => statusCode === 201)
    expect((await cutover.call(keyed)).body).toBe(created?.body)
  })

  it('a change that the store does not take in time is 503 with Retry-After, and leaves nothing behind', async () => {
    await using cutover = await startInProcess({ engine })
    const lock = await holdWriteLock(cutover)
    const response = await cutover.call(create)
    await lock[Symbol.asyncDispose]()
    expect(response.statusCode).toBe(503)
    expect(response.headers['retry-after']).toBe('1')
    expect(response.json().errors).toEqual([{ code: 'service_unavailable', message: 'Service unavailable' }])
    expect((await cutover.call({ url: '/secure_mode_secrets' })).json().data).toEqual([])
    expect(await cutover.cutover.store.read.audit.page(cutover.workspaceId, 0, 10)).toEqual([])
  })

  it('a mistake of ours is a bare 500, with its cause in the log alone', async () => {
    await using cutover = await startInProcess({ engine })
    await sql`drop table kept_answers`.execute(cutover.cutover.opened.db)
    const response = await cutover.call(keyed)
    expect(response.statusCode).toBe(500)
    expect(response.json().errors).toEqual([{ code: 'server_error', message: 'Internal server error' }])
    expect(response.body).not.toMatch(/kept_answers|select|sql|at /i)
    const line = cutover.log.map((each) => JSON.parse(each)).find(({ level }) => level === 50)
    expect(line).toMatchObject({ requestId: response.headers['x-request-id'] })
    expect(line.err.message).toContain('kept_answers')
    expect((await cutover.call({ url: '/secure_mode_secrets' })).json().data).toEqual([])
  })

  it('a token that is revoked while the body of its request is arriving changes nothing', async () => {
    await using cutover = await startInProcess({ engine })
    const token = await cutover.createToken({
      scopes: ['write_secure_mode_secret', 'verify'],
      workspaceId: cutover.workspaceId,
    })
    expect((await cutover.call({ url: '/health', token })).statusCode).toBe(200)
    // The cache still takes the token for good: what refuses is the check inside the transaction.
    const { db } = cutover.cutover.opened
    await db.updateTable('access_tokens').set({ revoked_at: 1 }).where('name', '=', 'a test').execute()
    const response = await cutover.call({ ...create, token })
    expect(response.statusCode).toBe(401)
    expect((await cutover.call({ url: '/secure_mode_secrets' })).json().data).toEqual([])
  })

  it('a sealed secret that was moved to another row or workspace does not open, and the cause stays in the log', async () => {
    await using cutover = await startInProcess({ engine })
    await cutover.call(create)
    await cutover.call(create)
    const { db } = cutover.cutover.opened
    const [first, second] = await db.selectFrom('signing_secrets').select(['id', 'sealed']).orderBy('id').execute()
    await db
      .updateTable('signing_secrets')
      .set({ sealed: first?.sealed ?? '' })
      .where('id', '=', second?.id ?? 0)
      .execute()
    cutover.cutover.node.dropAll()
    const response = await cutover.call({ method: 'POST', url: '/v1/verifications', payload: { platform: 'web' } })
    expect(response.statusCode).toBe(500)
    expect(response.json().detail).toBe('The cause is in the log under the request id')
    expect(cutover.log.join('')).toContain('binding_mismatch')
  })
})
