import { PassThrough } from 'node:stream'
import { setImmediate } from 'node:timers/promises'
import BetterSqlite from 'better-sqlite3'
import { sql } from 'kysely'
import { describe, expect, it } from 'vitest'
import { engines, type InProcess, startInProcess } from '../../../test/in-process.ts'
import {
  type Call,
  createIntegrator,
  fingerprintOf,
  problemOf,
  regenerate,
  type Signing,
  signature,
} from '../../../test/integrators.ts'

const emptyBody = 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855'
const nothing = { integratorId: null, secretFingerprint: null, secretExpiresAt: null }

interface Question {
  readonly integratorKey: string
  readonly timestamp: string
  readonly method: string
  readonly path: string
  readonly bodySha256: string
  readonly signature: string
}

/** A question that is answered with yes. */
function questionOf({ clock }: InProcess, by: Signing): Question {
  const timestamp = String(clock.nowMs)
  const path = '/payouts?dry=1'
  const made = signature(by.secret, timestamp, 'POST', path)
  return { integratorKey: by.key, timestamp, method: 'POST', path, bodySha256: emptyBody, signature: made }
}

function ask(payload: object, rest: Partial<Call> = {}): Call {
  return { method: 'POST', url: '/v1/request-verifications', payload, ...rest }
}

async function reasonOf(cutover: InProcess, question: object, rest: Partial<Call> = {}): Promise<string | null> {
  const response = await cutover.call(ask(question, rest))
  if (response.statusCode !== 200) throw new Error(response.body)
  const { verified, reason, ...told } = response.json()
  if (!verified) expect(told).toEqual(nothing)
  return reason
}

describe.each(engines)('a gateway that asks about a request on %s', (engine) => {
  it('is told which integrator and which of its secrets signed it, with a warm cache and a cold one', async () => {
    await using cutover = await startInProcess({ engine })
    const old = await createIntegrator(cutover)
    const young = await regenerate(cutover, old, 60)
    const endMs = cutover.clock.nowMs + 60_000
    for (const consume of [false, true]) {
      for (const memory of ['cold', 'warm']) {
        if (memory === 'cold') cutover.cutover.node.dropAll()
        cutover.clock.nowMs += 1
        for (const [by, secretExpiresAt] of [
          [old, new Date(endMs).toISOString()],
          [young, null],
        ] as const) {
          const response = await cutover.call(ask({ ...questionOf(cutover, by), consume }))
          expect([response.statusCode, response.json()]).toEqual([
            200,
            {
              verified: true,
              reason: null,
              integratorId: old.id,
              secretFingerprint: fingerprintOf(by.secret),
              secretExpiresAt,
            },
          ])
        }
      }
    }
    cutover.clock.nowMs = endMs
    expect(await reasonOf(cutover, questionOf(cutover, old))).toBe('signature_invalid')
    expect(await reasonOf(cutover, questionOf(cutover, young))).toBeNull()
  })

  it('is told the first reason that fits why not, with a warm cache and a cold one', async () => {
    await using cutover = await startInProcess({ engine })
    const integrator = await createIntegrator(cutover)
    const good = questionOf(cutover, integrator)
    const late = { timestamp: String(cutover.clock.nowMs - 300_001) }
    const refusals: [Partial<Question>, string | null][] = [
      [{ timestamp: '', signature: '' }, 'timestamp_malformed'],
      [{ timestamp: `${good.timestamp} ` }, 'timestamp_malformed'],
      [{ timestamp: good.timestamp.slice(0, 10), integratorKey: '' }, 'timestamp_malformed'],
      [{ ...late, signature: 'x' }, 'timestamp_out_of_range'],
      [{ signature: good.signature.toUpperCase() }, 'signature_malformed'],
      [{ signature: '', integratorKey: 'x' }, 'signature_malformed'],
      [{ signature: `sha256=${'0'.repeat(64)}` }, 'signature_invalid'],
      [{ integratorKey: `int_${'0'.repeat(20)}` }, 'signature_invalid'],
      [{ integratorKey: `${good.integratorKey}\0` }, 'signature_invalid'],
      [{ integratorKey: '' }, 'signature_invalid'],
      [{ path: '/payouts' }, 'signature_invalid'],
      [{ path: '/payouts dry=1' }, 'signature_invalid'],
      [{ method: 'GET' }, 'signature_invalid'],
      [{ method: 'PO.ST' }, 'signature_invalid'],
      [{ bodySha256: '0'.repeat(64) }, 'signature_invalid'],
      [{ method: 'post' }, null],
      [{}, null],
    ]
    for (const memory of ['cold', 'warm']) {
      for (const [changes, reason] of refusals) {
        if (memory === 'cold') cutover.cutover.node.dropAll()
        expect([memory, changes, await reasonOf(cutover, { ...good, ...changes })]).toEqual([memory, changes, reason])
      }
    }
  })

  it('learns no more of an integrator of another workspace than of one that does not exist', async () => {
    await using cutover = await startInProcess({ engine })
    const other = await cutover.createWorkspace('Other')
    const foreign = await createIntegrator(cutover, { headers: { 'cutover-workspace': other } })
    const question = questionOf(cutover, foreign)
    const token = await cutover.createToken({ scopes: ['verify'], workspaceId: cutover.workspaceId })
    for (const memory of ['cold', 'warm', 'warm']) {
      if (memory === 'cold') cutover.cutover.node.dropAll()
      expect(await reasonOf(cutover, question, { token })).toBe('signature_invalid')
      expect(await reasonOf(cutover, { ...question, consume: true }, { token })).toBe('signature_invalid')
    }
    expect(await reasonOf(cutover, question, { headers: { 'cutover-workspace': other } })).toBeNull()
    // Nothing was used up from the other workspace.
    const own = await cutover.createToken({ scopes: ['verify'], workspaceId: other })
    expect(await reasonOf(cutover, { ...question, consume: true }, { token: own })).toBeNull()
  })

  it('names its workspace where its token has none', async () => {
    await using cutover = await startInProcess({ engine })
    const question = questionOf(cutover, await createIntegrator(cutover))
    expect(await reasonOf(cutover, question)).toBeNull()
    const other = await cutover.createWorkspace('Other')
    expect(problemOf(await cutover.call(ask(question)))).toEqual([400, 'workspace_required'])
    const named = (workspace: string) => ({ headers: { 'cutover-workspace': workspace } })
    expect(await reasonOf(cutover, question, named(cutover.workspaceId))).toBeNull()
    expect(await reasonOf(cutover, question, named(other))).toBe('signature_invalid')
    expect(problemOf(await cutover.call(ask(question, named('nonsense'))))).toEqual([404, 'not_found'])
  })

  it('has to ask a question that can be understood, with the scope for it', async () => {
    await using cutover = await startInProcess({ engine })
    const good = questionOf(cutover, await createIntegrator(cutover))
    const { path: _, ...pathless } = good
    const refusals: [object, string][] = [
      [pathless, 'path'],
      [{ ...good, path: '' }, 'path'],
      [{ ...good, method: '' }, 'method'],
      [{ ...good, timestamp: Number(good.timestamp) }, 'timestamp'],
      [{ ...good, signature: null }, 'signature'],
      [{ ...good, integratorKey: 1 }, 'integratorKey'],
      [{ ...good, bodySha256: emptyBody.toUpperCase() }, 'bodySha256'],
      [{ ...good, bodySha256: emptyBody.slice(1) }, 'bodySha256'],
      [{ ...good, consume: 'true' }, 'consume'],
      [{ ...good, consume: null }, 'consume'],
      [{ ...good, body: '' }, 'body'],
    ]
    for (const [payload, field] of refusals) {
      const response = await cutover.call(ask(payload))
      expect(problemOf(response)).toEqual([422, 'validation_failed'])
      expect(response.json().errors).toMatchObject([{ field }])
    }
    const { workspaceId } = cutover
    const token = await cutover.createToken({ scopes: ['read_all', 'write_integrators'], workspaceId })
    expect(problemOf(await cutover.call(ask(good, { token })))).toEqual([403, 'token_unauthorized'])
    expect(problemOf(await cutover.call(ask(good, { token: null })))).toEqual([401, 'unauthorized'])
  })

  it('is told nothing when its token is revoked while the question is arriving', async () => {
    await using cutover = await startInProcess({ engine })
    const question = questionOf(cutover, await createIntegrator(cutover))
    const token = await cutover.createToken({ scopes: ['verify'], workspaceId: cutover.workspaceId })
    expect(await reasonOf(cutover, question, { token })).toBeNull()
    const body = new PassThrough()
    body.write(JSON.stringify(question).slice(0, 20))
    const headers = { 'content-type': 'application/json' }
    const asking = cutover.call(ask(body, { token, headers }))
    const { id } = (await cutover.call({ url: '/v1/access-tokens' })).json().data.at(-1)
    expect((await cutover.call({ method: 'DELETE', url: `/v1/access-tokens/${id}` })).statusCode).toBe(204)
    body.end(JSON.stringify(question).slice(20))
    expect(problemOf(await asking)).toEqual([401, 'unauthorized'])
  })

  it('is told nothing when its token is revoked while the signature is being consumed', async () => {
    await using cutover = await startInProcess({ engine })
    const question = questionOf(cutover, await createIntegrator(cutover))
    const token = await cutover.createToken({ scopes: ['verify'], workspaceId: cutover.workspaceId })
    expect(await reasonOf(cutover, question, { token })).toBeNull()
    const held = await holdIntegrators(cutover)
    const asking = cutover.call(ask({ ...question, consume: true }, { token }))
    await held.untilWaitedFor()
    await held.revokeTokensAndRelease()
    cutover.cutover.node.dropAll()
    expect(problemOf(await asking)).toEqual([401, 'unauthorized'])
    expect(await reasonOf(cutover, { ...question, consume: true })).toBe('signature_replayed')
  })

  it('is not limited, so that no request fails because of others', async () => {
    await using cutover = await startInProcess({ engine, environment: { CUTOVER_RATE_LIMIT_PER_MINUTE: '6' } })
    const question = questionOf(cutover, await createIntegrator(cutover))
    for (let turn = 0; turn < 5; turn += 1) expect(await reasonOf(cutover, question)).toBeNull()
    expect(await reasonOf(cutover, { ...question, path: '/x' })).toBe('signature_invalid')
  })
})

const revokeTokens = "update access_tokens set revoked_at = 1 where name = 'a test'"

/** Somebody else who keeps signatures from being consumed, and who revokes the tokens of the test in the end. */
async function holdIntegrators({ cutover }: InProcess) {
  const { db, engine } = cutover.opened
  if (engine === 'sqlite') {
    const { rows } = await sql<{ file: string }>`select file from pragma_database_list`.execute(db)
    const other = new BetterSqlite(rows[0]?.file ?? '')
    other.exec('begin immediate')
    return {
      // With everything in memory nothing but the lock is waited for.
      untilWaitedFor: async () => {
        for (let turn = 0; turn < 100; turn += 1) await setImmediate()
      },
      revokeTokensAndRelease: async () => void other.exec(`${revokeTokens}; commit`).close(),
    }
  }
  const transaction = await db.startTransaction().execute()
  await sql`select id from integrators for update`.execute(transaction)
  const waiting = sql<{ count: number }>`select count(*)::int as count from pg_locks l
    join pg_database d on d.oid = l.database or l.database is null
    where not l.granted and d.datname = current_database()`
  return {
    untilWaitedFor: () =>
      expect.poll(async () => (await waiting.execute(db)).rows[0]?.count, { interval: 5 }).toBeGreaterThan(0),
    revokeTokensAndRelease: async () => {
      await sql.raw(revokeTokens).execute(transaction)
      await transaction.commit().execute()
    },
  }
}
