import { connect } from 'node:net'
import { describe, expect, it, onTestFinished } from 'vitest'
import { watchCutover } from './event-reader.ts'
import { createInstallation } from './installation.ts'
import { RawConnection } from './raw-connection.ts'

const body = JSON.stringify({ name: 'In flight', supports_web: true })

async function open(address: string): Promise<RawConnection> {
  const connection = await RawConnection.open(address)
  onTestFinished(() => connection.close())
  return connection
}

function isAccepting(address: string): Promise<boolean> {
  const { hostname, port } = new URL(address)
  return new Promise((resolve) => {
    const socket = connect(Number(port), hostname)
    socket.once('connect', () => resolve(true)).once('error', () => resolve(false))
    socket.once('close', () => socket.destroy())
    socket.unref().end()
  })
}

/** A create whose head has arrived (the server has said that it goes on) and whose body has not. */
async function halfSentCreate(address: string, token: string): Promise<RawConnection> {
  const connection = await open(address)
  connection.send(
    `POST /secure_mode_secrets HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer ${token}\r\n` +
      `Content-Type: application/json\r\nContent-Length: ${body.length}\r\nExpect: 100-continue\r\n\r\n`,
  )
  expect((await connection.response()).status).toBe(100)
  connection.send(body.slice(0, 10))
  return connection
}

describe('a process that is told to end', () => {
  it.each([
    ['SIGTERM', 'sqlite'],
    ['SIGINT', 'sqlite'],
    ['SIGTERM', 'postgres'],
  ] as const)('finishes the request in flight, takes no other, and ends well: %s on %s', async (signal, engine) => {
    const installation = await createInstallation(engine)
    const cutover = await installation.start()
    const create = await halfSentCreate(cutover.address, installation.token)
    const exited = cutover.kill(signal)
    await expect.poll(() => isAccepting(cutover.address), { timeout: 5000 }).toBe(false)
    create.send(body.slice(10))
    const answer = await create.response()
    expect(answer.status).toBe(201)
    // Kept open by its client, as connections are: it must not hold the process until the grace is over.
    expect(await exited).toEqual({ code: 0, signal: null })
    expect(await create.closed()).toBe('')

    const { id, secret } = JSON.parse(answer.body)
    const again = await installation.start()
    expect(await again.caller.verify(secret)).toMatchObject({ verified: true, secretId: id })
  })

  it('says at /readyz that it is stopping, to whoever was about to ask', async () => {
    const installation = await createInstallation()
    const cutover = await installation.start()
    const create = await halfSentCreate(cutover.address, installation.token)
    const probe = await open(cutover.address)
    // One packet: once the first request is answered, the beginning of the second has arrived.
    probe.send('GET /livez HTTP/1.1\r\nHost: localhost\r\n\r\nGET /readyz HTTP/1.1\r\nHost: local')
    expect((await probe.response()).status).toBe(200)
    const exited = cutover.kill('SIGTERM')
    await expect.poll(() => isAccepting(cutover.address), { timeout: 5000 }).toBe(false)
    probe.send('host\r\n\r\n')
    const ready = await probe.response()
    expect({ status: ready.status, retryAfter: ready.headers['retry-after'], body: JSON.parse(ready.body) }).toEqual({
      status: 503,
      retryAfter: '1',
      body: { status: 'unavailable', store: 'ok' },
    })
    create.send(body.slice(10))
    expect((await create.response()).status).toBe(201)
    expect(await exited).toEqual({ code: 0, signal: null })
  })

  it('goes on serving for CUTOVER_DRAIN_MS, says so at /readyz, and gives up each connection with its answer', async () => {
    const installation = await createInstallation()
    const cutover = await installation.start({ CUTOVER_DRAIN_MS: '3000' })
    const { address, caller } = cutover
    const { id, secret } = await caller.create('Drained')
    const kept = await open(address)
    kept.send('GET /livez HTTP/1.1\r\nHost: localhost\r\n\r\n')
    expect((await kept.response()).headers['connection']).toBe('keep-alive')
    const beganMs = performance.now()
    const exited = cutover.kill('SIGTERM')
    await expect.poll(async () => (await caller.call('GET', '/readyz')).status, { interval: 10 }).toBe(503)
    expect(await caller.verify(secret)).toMatchObject({ verified: true, secretId: id })
    expect((await caller.delete(id)).status).toBe(204)
    kept.send('GET /livez HTTP/1.1\r\nHost: localhost\r\n\r\n')
    expect((await kept.response()).headers['connection']).toBe('close')
    expect(await kept.closed()).toBe('')
    expect(await isAccepting(address)).toBe(true)
    expect(await exited).toEqual({ code: 0, signal: null })
    expect(performance.now() - beganMs).toBeGreaterThanOrEqual(2990)
  })

  it('ends the live views that are open at once', async () => {
    const installation = await createInstallation()
    const cutover = await installation.start()
    const { address, caller } = cutover
    const { id } = await caller.create('Watched')
    const headers = { authorization: `Bearer ${installation.token}` }
    const live = await watchCutover(address, id, headers)
    expect(await live.next()).toMatchObject({ state: 'active' })
    // One that takes nothing: it must not hold the process, either.
    const unread = await open(address)
    unread.send(
      `GET /v1/identity-secrets/${id}/cutover/stream HTTP/1.1\r\nHost: localhost\r\n` +
        `Authorization: ${headers.authorization}\r\n\r\n`,
    )
    expect((await unread.response()).status).toBe(200)
    const beganMs = performance.now()
    const exited = cutover.kill('SIGTERM')
    expect(await live.next()).toBeNull()
    expect(await exited).toEqual({ code: 0, signal: null })
    expect(performance.now() - beganMs).toBeLessThan(5000)
  })

  it('writes the refusals that it had only counted', async () => {
    const installation = await createInstallation()
    const cutover = await installation.start()
    for (let count = 1; count <= 5; count += 1) await cutover.caller.call('GET', '/health', { token: null })
    await cutover.kill('SIGTERM')
    const rows = await installation.read((db) =>
      db.selectFrom('audit_log').select('metadata').where('result', '=', 'failure').orderBy('sequence').execute(),
    )
    const refusal = { code: 'token_invalid', method: 'GET', route: '/health' }
    expect(rows.map(({ metadata }) => JSON.parse(metadata))).toEqual([
      { ...refusal, count: 1 },
      { ...refusal, count: 4 },
    ])
  })

  // Browsers open connections ahead of need, and balancers to see whether somebody listens.
  it('does not wait for a connection that never asked anything, nor for an idle one', async () => {
    const installation = await createInstallation()
    const cutover = await installation.start()
    const idle = await open(cutover.address)
    idle.send('GET /livez HTTP/1.1\r\nHost: localhost\r\n\r\n')
    expect((await idle.response()).status).toBe(200)
    const silent = await open(cutover.address)
    // Accepted after the silent one: connections are taken in the order in which they came.
    expect((await cutover.caller.call('GET', '/livez')).status).toBe(200)
    const exited = cutover.kill('SIGTERM')
    expect(await idle.closed()).toBe('')
    expect(await silent.closed()).toBe('')
    expect(await exited).toEqual({ code: 0, signal: null })
  })

  it('does not wait for ever for a request that never ends', { timeout: 40_000 }, async () => {
    const installation = await createInstallation()
    const cutover = await installation.start()
    await halfSentCreate(cutover.address, installation.token)
    expect(await cutover.kill('SIGTERM')).toEqual({ code: 1, signal: null })
    const again = await installation.start()
    expect(await again.caller.list()).toEqual([])
  })
})
