import { describe, expect, it } from 'vitest'
import { type InProcess, startInProcess } from '../../../test/in-process.ts'
import { createIntegrator, ownPath, regeneratePath, type Signing, signature } from '../../../test/integrators.ts'
import { RawConnection, type RawResponse } from '../../../test/raw-connection.ts'

interface RawRequest {
  readonly method?: string
  readonly target?: string
  /** What is signed in place of the target. */
  readonly signedPath?: string
  readonly lines?: (good: Readonly<Record<'key' | 'timestamp' | 'signature', string>>) => readonly string[]
  readonly body?: Buffer
}

const asSigned: NonNullable<RawRequest['lines']> = ({ key, timestamp, signature }) => [
  `X-Integrator-Key: ${key}`,
  `X-Timestamp: ${timestamp}`,
  `X-Signature: ${signature}`,
]

/** Over a socket, byte for byte: what clients join, normalize or refuse to send. */
async function openListening(cutover: InProcess, by: Signing) {
  const address = await cutover.app.listen({ host: '127.0.0.1', port: 0 })
  let timestamp = cutover.clock.nowMs
  return async (request: RawRequest): Promise<RawResponse> => {
    const { method = 'GET', target = ownPath, signedPath = target, lines = asSigned, body } = request
    timestamp += 1
    const made = signature(by.secret, timestamp, method, signedPath, body?.toString('latin1'))
    const good = { key: by.key, timestamp: String(timestamp), signature: made }
    const ofBody = body ? [`Content-Length: ${body.length}`, 'Content-Type: application/json'] : []
    const head = [`${method} ${target} HTTP/1.1`, 'Host: localhost', ...ofBody, ...lines(good), '', '']
    const connection = await RawConnection.open(address)
    try {
      return await connection
        .send(head.join('\r\n'))
        .send(body ?? '')
        .response(method)
    } finally {
      connection.close()
    }
  }
}

const codeOf = ({ status, body }: RawResponse) => (status === 200 ? 'accepted' : JSON.parse(body).code)

describe('a signed request over a socket', () => {
  it('is accepted as it was sent, its headers in any case', async () => {
    await using cutover = await startInProcess()
    const send = await openListening(cutover, await createIntegrator(cutover))
    expect(codeOf(await send({}))).toBe('accepted')
    const lines = (good: Parameters<typeof asSigned>[0]) =>
      asSigned(good).map((line) => line.replace(/^[^:]+/, (name) => name.toUpperCase()))
    expect(codeOf(await send({ lines }))).toBe('accepted')
  })

  it.each([
    ['X-Integrator-Key', 'signature_invalid'],
    ['X-Timestamp', 'timestamp_malformed'],
    ['X-Signature', 'signature_malformed'],
  ])('with two of %s is refused as %s, whichever of the two is good', async (name, code) => {
    await using cutover = await startInProcess()
    const send = await openListening(cutover, await createIntegrator(cutover))
    const bad = `${name.toLowerCase()}: x`
    const twice = (order: (good: string) => readonly string[]) =>
      send({ lines: (good) => asSigned(good).flatMap((line) => (line.startsWith(`${name}:`) ? order(line) : [line])) })
    for (const order of [
      (good: string) => [good, bad],
      (good: string) => [bad, good],
      (good: string) => [good, good],
    ]) {
      const response = await twice(order)
      expect([response.status, codeOf(response)]).toEqual([401, code])
    }
    const commaJoined = await twice((good) => [`${good}, x`])
    expect([commaJoined.status, codeOf(commaJoined)]).toEqual([401, code])
  })

  it('is signed with its query byte for byte, whatever it would be normalized to', async () => {
    await using cutover = await startInProcess()
    const send = await openListening(cutover, await createIntegrator(cutover))
    for (const query of ['?', '?a=b&a=c', '?a=%7e&b=~', '?q=a+b%20c', '?x=/../', '?=&&', '?a=b?c']) {
      const target = `${ownPath}${query}`
      expect([query, codeOf(await send({ target }))]).toEqual([query, 'accepted'])
      const signedPath = query === '?a=%7e&b=~' ? `${ownPath}?a=~&b=~` : ownPath
      expect([query, codeOf(await send({ target, signedPath }))]).toEqual([query, 'signature_invalid'])
    }
  })

  it('that another spelling of its path also reaches is signed as it was spelled', async () => {
    await using cutover = await startInProcess()
    const send = await openListening(cutover, await createIntegrator(cutover))
    const target = '/v1/%69ntegrator'
    expect(codeOf(await send({ target }))).toBe('accepted')
    expect(codeOf(await send({ target, signedPath: ownPath }))).toBe('signature_invalid')
  })

  it('is refused where an operator names two integrators, good as the token may be', async () => {
    await using cutover = await startInProcess()
    const integrator = await createIntegrator(cutover)
    const send = await openListening(cutover, integrator)
    const named = [`X-Integrator-Key: ${integrator.key}`, `X-Integrator-Key: int_${'a'.repeat(20)}`]
    const lines = () => [`Authorization: Bearer ${cutover.token}`, ...named]
    const response = await send({ method: 'POST', target: regeneratePath, lines, body: Buffer.from('{}') })
    expect([response.status, codeOf(response)]).toEqual([400, 'request_malformed'])
    expect(codeOf(await send({}))).toBe('accepted')
  })

  it('is judged by the bytes of its body, sent at once or in pieces', async () => {
    await using cutover = await startInProcess()
    const send = await openListening(cutover, await createIntegrator(cutover))
    const binary = Buffer.from([0x7b, 0xff, 0x00, 0x7d])
    const garbled = await send({ method: 'POST', target: regeneratePath, body: binary })
    // Its signature would be over other bytes, were they decoded first.
    expect(codeOf(garbled)).toBe('signature_invalid')
  })
})
