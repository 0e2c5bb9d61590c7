import { describe, expect, it } from 'vitest'
import { createInstallation, engines } from './installation.ts'

/** On PostgreSQL the first change after a kill outwaits the lease of the one that was killed. */
const environment = { CUTOVER_LEASE_MS: '2000' }

describe.each(engines)('creates with one Idempotency-Key, on %s', (engine) => {
  it('make one secret and fifty answers alike to the byte, when fifty arrive at once', async () => {
    const cutover = await (await createInstallation(engine)).start()
    const answers = await Promise.all(
      Array.from({ length: 50 }, () => cutover.caller.post('Web', { idempotencyKey: 'one' })),
    )
    expect(answers.map(({ status }) => status)).toEqual(Array(50).fill(201))
    const bodies = new Set(answers.map(({ text }) => text))
    expect(bodies.size).toBe(1)
    const [body = ''] = bodies
    const { secret, ...shown } = JSON.parse(body)
    expect(secret).toMatch(/^[\w-]{43}$/)
    expect(await cutover.caller.list()).toEqual([shown])
    expect(new Set(answers.map(({ headers }) => headers.get('x-request-id'))).size).toBe(50)
  })

  it('make one secret for each key, and one each way for two bodies under one key, when all arrive at once', async () => {
    const cutover = await (await createInstallation(engine)).start()
    const answers = await Promise.all(
      ['a', 'b', 'c', 'same', 'same'].map((idempotencyKey, index) =>
        cutover.caller.post(`Web ${index}`, { idempotencyKey }),
      ),
    )
    const statuses = answers.map(({ status }) => status)
    expect(statuses.slice(0, 3)).toEqual([201, 201, 201])
    expect(statuses.slice(3).sort()).toEqual([201, 422])
    expect(await cutover.caller.list()).toHaveLength(4)
  })

  it('are answered the same after a restart and after kill −9, until the secret is deleted', async () => {
    const installation = await createInstallation(engine)
    const first = await installation.start(environment)
    const { text } = await first.caller.post('Web', { idempotencyKey: 'one' })
    const { id, secret, ...rest } = JSON.parse(text)
    await first.kill('SIGTERM')
    const second = await installation.start(environment)
    expect(await second.caller.post('Web', { idempotencyKey: 'one' })).toMatchObject({ status: 201, text })
    await second.kill('SIGKILL')
    const third = await installation.start(environment)
    expect(await third.caller.post('Web', { idempotencyKey: 'one' })).toMatchObject({ status: 201, text })
    expect(await third.caller.list()).toEqual([{ id, ...rest }])
    expect((await third.caller.post('Other', { idempotencyKey: 'one' })).status).toBe(422)

    expect((await third.caller.delete(id)).status).toBe(204)
    const repeat = await third.caller.post('Web', { idempotencyKey: 'one' })
    expect(repeat.status).toBe(409)
    expect(JSON.parse(repeat.text).errors).toEqual([
      { code: 'conflict', message: 'The answer to this Idempotency-Key was destroyed together with its secret' },
    ])
    expect(repeat.text).not.toContain(secret)
    await third.kill('SIGTERM')
    const fourth = await installation.start(environment)
    expect((await fourth.caller.post('Web', { idempotencyKey: 'one' })).status).toBe(409)
    expect(await fourth.caller.list()).toEqual([])
  })
})
