import { createHash } from 'node:crypto'
import { setTimeout as pause } from 'node:timers/promises'
import type { CreatedIntegrator } from '@cutover/contract'
import { signRequest } from '@cutover/signing'
import type { Kysely } from 'kysely'
import { describe, expect, it } from 'vitest'
import type { Database } from '../src/storage/schema.ts'
import type { Caller } from './caller.ts'
import { createInstallation, engines } from './installation.ts'
import type { RunningCutover } from './start-cutover.ts'

const kills = 3
const integrators = 4
const answersBetweenKills = 12

const unlimited = { CUTOVER_RATE_LIMIT_PER_MINUTE: '0', CUTOVER_MAX_ACTIVE_SECRETS: '1000' }

type Running = RunningCutover & { readonly caller: Caller }

/** One integrator, and what it was told: `secret` is the last one that it saw. */
interface Lane {
  readonly id: string
  readonly key: string
  secret: string
  /** A regeneration whose answer never came: it happened or it did not. */
  isUnanswered: boolean
}

async function post(caller: Caller, lane: Lane, body: string): Promise<{ status: number; text: string }> {
  const path = '/v1/integrator/regenerate-secret'
  const headers = signRequest(lane, { method: 'POST', path, body })
  return caller.call('POST', path, { token: null, body, headers })
}

/**
 * Every lane regenerates without a pause, with grace and without; in the middle of it the process is killed. Right
 * after an answer a transaction only begins: to meet each part of one, the kill comes at different delays.
 */
async function regenerateUntilKilled(cutover: Running, lanes: readonly Lane[], delayMs: number): Promise<void> {
  let answered = 0
  let killed: Promise<unknown> | undefined
  const run = async (lane: Lane) => {
    for (let turn = 0; killed === undefined; turn += 1) {
      lane.isUnanswered = true
      const body = turn % 2 === 0 ? '{}' : '{"oldSecretValidForSeconds":3600}'
      const answer = await post(cutover.caller, lane, body).catch(() => null)
      if (answer === null) return
      expect([answer.status, answer.status === 200 ? '' : answer.text]).toEqual([200, ''])
      lane.secret = JSON.parse(answer.text).secret
      lane.isUnanswered = false
      answered += 1
      if (answered === answersBetweenKills) killed = pause(delayMs).then(() => cutover.kill('SIGKILL'))
    }
  }
  await Promise.all(lanes.map(run))
  await killed
}

async function isAccepted({ caller }: Running, lane: Lane): Promise<boolean> {
  const headers = signRequest(lane, { method: 'GET', path: '/v1/integrator' })
  const { status } = await caller.call('GET', '/v1/integrator', { token: null, headers })
  return status === 200
}

/** Fingerprints of the current secrets of an integrator, and what the audit log tells of its last regeneration. */
async function stored(db: Kysely<Database>, { id }: Lane) {
  const current = await db
    .selectFrom('signing_secrets')
    .select(['fingerprint', 'sealed'])
    .where('integrator_id', '=', id)
    .where('deleted_at', 'is', null)
    .where('expires_at', 'is', null)
    .execute()
  const last = await db
    .selectFrom('audit_log')
    .select('metadata')
    .where('resource_id', '=', id)
    .where('result', '=', 'success')
    .orderBy('sequence', 'desc')
    .limit(1)
    .executeTakeFirstOrThrow()
  return { current, audited: JSON.parse(last.metadata).fingerprint }
}

const fingerprintOf = (secret: string) => `sha256:${createHash('sha256').update(secret).digest('hex').slice(0, 16)}`

describe.each(engines)('kill −9 in the middle of regenerations on %s', (engine) => {
  it('leaves one current secret of each integrator: the acknowledged one, or the one after it', {
    timeout: 60_000,
  }, async () => {
    const installation = await createInstallation(engine)
    let cutover = await installation.start(unlimited)
    const lanes: Lane[] = []
    for (let count = 0; count < integrators; count += 1) {
      const { text } = await cutover.caller.call('POST', '/v1/integrators', { body: { name: `Lane ${count}` } })
      const { id, key, secret }: CreatedIntegrator = JSON.parse(text)
      lanes.push({ id, key, secret, isUnanswered: false })
    }
    let unanswered = 0
    for (let kill = 1; kill <= kills; kill += 1) {
      await regenerateUntilKilled(cutover, lanes, kill * 3)
      cutover = await installation.start(unlimited)
      for (const lane of lanes) {
        const { current, audited } = await installation.read((db) => stored(db, lane))
        expect(current).toEqual([{ fingerprint: audited, sealed: expect.any(String) }])
        const isCurrent = audited === fingerprintOf(lane.secret)
        if (!lane.isUnanswered) expect([kill, isCurrent]).toEqual([kill, true])
        if (isCurrent) expect(await isAccepted(cutover, lane)).toBe(true)
        unanswered += Number(lane.isUnanswered)
        await recover(cutover, lane)
      }
    }
    expect(unanswered).toBeGreaterThan(0)
  })
})

/** Whatever became of the last regeneration: an operator helps, and it goes on. */
async function recover({ caller }: Running, lane: Lane): Promise<void> {
  const path = '/v1/integrator/regenerate-secret'
  const { status, text } = await caller.call('POST', path, { headers: { 'x-integrator-key': lane.key } })
  expect(status).toBe(200)
  lane.secret = JSON.parse(text).secret
  lane.isUnanswered = false
}
