import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { engines, type InProcess, startInProcess } from '../../test/in-process.ts'
import {
  type Call,
  createIntegrator,
  currentSecrets,
  fingerprintOf,
  problemOf,
  regenerate,
  regeneratePath,
  regeneration,
  type Signing,
  signature,
  signed,
  standing,
} from '../../test/integrators.ts'
import { consumeSignature, forgetSignatures } from './consume-signature.ts'
import type { IntegratorId } from './integrator.ts'

/** As a gateway asks about a request that it received; by default of the present moment. */
function question(
  cutover: InProcess,
  by: Signing,
  consume: boolean | undefined,
  timestampMs = cutover.clock.nowMs,
): Call {
  const made = signature(by.secret, timestampMs, 'POST', '/payouts')
  const bodySha256 = 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855'
  const rest = { method: 'POST', path: '/payouts', bodySha256, signature: made }
  const payload = {
    integratorKey: by.key,
    timestamp: String(timestampMs),
    ...rest,
    ...(consume === undefined ? {} : { consume }),
  }
  return { method: 'POST', url: '/v1/request-verifications', payload }
}

async function reasonOf(cutover: InProcess, call: Call): Promise<string | null> {
  return (await cutover.call(call)).json().reason
}

describe.each(engines)('the signature of a regeneration on %s', (engine) => {
  it('is accepted once: its replay inside the grace period gets 401, and learns nothing', async () => {
    await using cutover = await startInProcess({ engine })
    const old = await createIntegrator(cutover)
    const call = regeneration(cutover, old, 60)
    const { secret } = (await cutover.call(call)).json()
    const replay = await cutover.call(call)
    expect(problemOf(replay)).toEqual([401, 'signature_replayed'])
    expect(replay.json()).toEqual({
      type: 'urn:cutover:problem:signature_replayed',
      title: 'This signature was used before',
      status: 401,
      detail: 'Each signature is accepted once: sign again with a new timestamp',
      instance: `${regeneratePath}#${replay.headers['x-request-id']}`,
      code: 'signature_replayed',
      realm: 'cutover',
    })
    expect(Object.keys(replay.headers).filter((name) => /^(x-ratelimit|cutover)-/.test(name))).toEqual([])
    expect(replay.headers['www-authenticate']).toBe('Cutover-Signature realm="cutover"')
    expect(await currentSecrets(cutover, old.id)).toEqual([fingerprintOf(secret)])
  })

  it('is used up by a call that then fails', async () => {
    await using cutover = await startInProcess({ engine })
    const integrator = await createIntegrator(cutover)
    const failing = [
      ['{"oldSecretValidForSeconds":"x"}', 422, 'validation_failed'],
      ['{', 400, 'body_malformed'],
    ] as const
    for (const [body, ...expected] of failing) {
      const call = signed(cutover, integrator, { method: 'POST', url: regeneratePath, body })
      expect(problemOf(await cutover.call(call))).toEqual(expected)
      expect(problemOf(await cutover.call(call))).toEqual([401, 'signature_replayed'])
    }
    const retiring = regeneration(cutover, integrator)
    await regenerate(cutover, integrator, 60)
    expect(problemOf(await cutover.call(retiring))).toEqual([409, 'rotation_conflict'])
    expect(problemOf(await cutover.call(retiring))).toEqual([401, 'signature_replayed'])
  })

  it('is remembered across a restart, until long after its timestamp is too old', async () => {
    await using before = await startInProcess({ engine })
    const old = await createIntegrator(before)
    const call = regeneration(before, old, 3600)
    const { secret } = (await before.call(call)).json()
    await using cutover = await before.restart()
    expect(problemOf(await cutover.call(call))).toEqual([401, 'signature_replayed'])
    cutover.clock.nowMs += 300_000
    await forgetSignatures(portsOf(cutover))
    expect(problemOf(await cutover.call(call))).toEqual([401, 'signature_replayed'])
    cutover.clock.nowMs += 1
    expect(problemOf(await cutover.call(call))).toEqual([401, 'timestamp_out_of_range'])
    expect(await currentSecrets(cutover, old.id)).toEqual([fingerprintOf(secret)])
  })

  it('is consumed by one of twenty that arrive at once', async () => {
    await using cutover = await startInProcess({ engine })
    const integrator = await createIntegrator(cutover)
    const call = regeneration(cutover, integrator, 60)
    const answers = await Promise.all(Array.from({ length: 20 }, () => cutover.call(call)))
    const codes = answers.map((answer) => (answer.statusCode === 200 ? 'accepted' : problemOf(answer)[1])).sort()
    expect(codes).toEqual(['accepted', ...Array(19).fill('signature_replayed')])
    expect(await currentSecrets(cutover, integrator.id)).toHaveLength(1)
  })

  it('that only reads is accepted as often as it is sent', async () => {
    await using cutover = await startInProcess({ engine })
    const call = signed(cutover, await createIntegrator(cutover), { url: '/v1/integrator' })
    for (let turn = 0; turn < 3; turn += 1) expect((await cutover.call(call)).statusCode).toBe(200)
  })
})

describe.each(engines)('a signature that a gateway asks about on %s', (engine) => {
  it('is used up where `consume` is true, and nowhere else', async () => {
    await using cutover = await startInProcess({ engine })
    const integrator = await createIntegrator(cutover)
    for (const consume of [undefined, false, undefined]) {
      expect(await reasonOf(cutover, question(cutover, integrator, consume))).toBeNull()
    }
    expect(await reasonOf(cutover, question(cutover, integrator, true))).toBeNull()
    const replayed = await cutover.call(question(cutover, integrator, true))
    expect([replayed.statusCode, replayed.json()]).toEqual([
      200,
      {
        verified: false,
        reason: 'signature_replayed',
        integratorId: null,
        secretFingerprint: null,
        secretExpiresAt: null,
      },
    ])
    // What does not consume does not ask either.
    expect(await reasonOf(cutover, question(cutover, integrator, false))).toBeNull()
  })

  it('is not used up when it is refused', async () => {
    await using cutover = await startInProcess({ engine })
    const integrator = await createIntegrator(cutover)
    const wrong = { ...integrator, secret: 'ints_another' }
    expect(await reasonOf(cutover, question(cutover, wrong, true))).toBe('signature_invalid')
    expect(await countsOf(cutover, integrator.id)).toEqual({ counted: 0, rows: 0 })
  })

  it('is used up by one of twenty that ask at once', async () => {
    await using cutover = await startInProcess({ engine })
    const integrator = await createIntegrator(cutover)
    const asked = Array.from({ length: 20 }, () => reasonOf(cutover, question(cutover, integrator, true)))
    expect((await Promise.all(asked)).sort()).toEqual([null, ...Array(19).fill('signature_replayed')])
    expect(await countsOf(cutover, integrator.id)).toEqual({ counted: 1, rows: 1 })
  })

  it('is another one for another integrator', async () => {
    await using cutover = await startInProcess({ engine, environment: { CUTOVER_MAX_ONE_TIME_SIGNATURES: '10' } })
    const [full, other] = [await createIntegrator(cutover), await createIntegrator(cutover)]
    const { nowMs } = cutover.clock
    for (let turn = 0; turn < 10; turn += 1) await cutover.call(question(cutover, full, true, nowMs + turn))
    expect((await cutover.call(question(cutover, full, true, nowMs + 10))).statusCode).toBe(429)
    expect(await reasonOf(cutover, question(cutover, other, true))).toBeNull()
  })
})

describe.each(engines)('when as many signatures are remembered as may be, on %s', (engine) => {
  const environment = { CUTOVER_MAX_ONE_TIME_SIGNATURES: '10', CUTOVER_RATE_LIMIT_PER_MINUTE: '0' }

  it('the next waits until the first may go, and none is forgotten before', async () => {
    await using cutover = await startInProcess({ engine, environment })
    const integrator = await createIntegrator(cutover)
    const startMs = cutover.clock.nowMs
    const ask = (timestampMs: number) => cutover.call(question(cutover, integrator, true, timestampMs))
    const first = startMs - 200_000
    const timestamps = [first, ...Array.from({ length: 9 }, (_, turn) => startMs + turn)]
    for (const each of timestamps) expect((await ask(each)).json().reason).toBeNull()

    const full = await ask(startMs + 100)
    expect([...problemOf(full), full.headers['retry-after']]).toEqual([429, 'rate_limit_exceeded', '160'])
    const regenerating = await cutover.call(regeneration(cutover, integrator))
    expect([...problemOf(regenerating), regenerating.headers['retry-after']]).toEqual([
      429,
      'rate_limit_exceeded',
      '160',
    ])
    for (const each of timestamps) expect((await ask(each)).json().reason).toBe('signature_replayed')

    cutover.clock.nowMs = first + 360_000 - 1
    expect((await ask(startMs + 100)).headers['retry-after']).toBe('1')
    for (const each of timestamps.slice(1)) expect((await ask(each)).json().reason).toBe('signature_replayed')
    cutover.clock.nowMs += 1
    expect((await ask(startMs + 100)).json().reason).toBeNull()
    expect((await ask(startMs + 101)).headers['retry-after']).toBe('200')
    for (const each of [...timestamps.slice(1), startMs + 100]) {
      expect((await ask(each)).json().reason).toBe('signature_replayed')
    }
    expect(await countsOf(cutover, integrator.id)).toEqual({ counted: 10, rows: 10 })
    expect(await standing(cutover, integrator)).toBe('accepted')
  })

  it('no more than fit are accepted when thirty come at once', async () => {
    await using cutover = await startInProcess({ engine, environment })
    const integrator = await createIntegrator(cutover)
    const { nowMs } = cutover.clock
    const asked = Array.from({ length: 30 }, (_, at) => cutover.call(question(cutover, integrator, true, nowMs + at)))
    const statuses = (await Promise.all(asked)).map(({ statusCode }) => statusCode).sort()
    expect(statuses).toEqual([...Array(10).fill(200), ...Array(20).fill(429)])
    expect(await countsOf(cutover, integrator.id)).toEqual({ counted: 10, rows: 10 })
  })
})

const mostRemembered = 4

/** What several do at once, or one after another when it is one: mostly consuming, from so few that they collide. */
const turns = fc.array(
  fc.oneof(
    {
      weight: 4,
      arbitrary: fc.record({
        consumed: fc.array(
          fc.record({
            at: fc.nat(1),
            signature: fc.nat(6).map((digit) => `sha256=${String(digit).repeat(64)}`),
            agoMs: fc.nat(300_000),
          }),
          { maxLength: 4 },
        ),
        isForgetting: fc.boolean(),
        thenWaitMs: fc.constant(0),
      }),
    },
    fc.record({ consumed: fc.constant([]), isForgetting: fc.boolean(), thenWaitMs: fc.nat(200_000) }),
  ),
  { minLength: 4, maxLength: 12 },
)

describe.each(engines)('the count of remembered signatures on %s', (engine) => {
  it('is that of the rows, whatever is consumed, replayed, refused for want of room and forgotten', async () => {
    await using cutover = await startInProcess({ engine })
    const ids = [(await createIntegrator(cutover)).id, (await createIntegrator(cutover)).id]
    const ports = { ...portsOf(cutover), maxSignatures: mostRemembered }
    const consume = async (at: number, each: string, agoMs: number) => {
      const integratorId = ids[at] as IntegratorId // sound: as it was created
      const verified = { integratorId, signature: each, timestampMs: cutover.clock.nowMs - agoMs }
      await consumeSignature(ports, verified).catch(({ code }) => expect(code).toMatch(/replayed|too_many/))
    }
    const property = fc.asyncProperty(turns, async (sequence) => {
      for (const { consumed, isForgetting, thenWaitMs } of sequence) {
        const consuming = consumed.map(({ at, signature: each, agoMs }) => consume(at, each, agoMs))
        await Promise.all([...consuming, isForgetting ? forgetSignatures(ports) : undefined])
        cutover.clock.nowMs += thenWaitMs
        for (const id of ids) {
          const { counted, rows } = await countsOf(cutover, id)
          expect(counted).toBe(rows)
          expect(rows).toBeLessThanOrEqual(mostRemembered)
        }
      }
    })
    await fc.assert(property, { numRuns: engine === 'sqlite' ? 40 : 15 })
  })
})

function portsOf({ cutover, clock }: InProcess) {
  return { store: cutover.store, system: { nowMs: () => clock.nowMs, randomBytes: () => new Uint8Array() } }
}

/** What is counted beside the integrator, and what there is. */
async function countsOf({ cutover }: InProcess, integratorId: string) {
  const { db } = cutover.opened
  const integrator = await db
    .selectFrom('integrators')
    .select('consumed_signatures')
    .where('id', '=', integratorId)
    .executeTakeFirstOrThrow()
  const rows = await db
    .selectFrom('consumed_signatures')
    .select('signature')
    .where('integrator_id', '=', integratorId)
    .execute()
  return { counted: integrator.consumed_signatures, rows: rows.length }
}
