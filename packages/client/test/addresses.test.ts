import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { networkInterfaces } from 'node:os'
import { inspect } from 'node:util'
import { ApiError, CutoverClient, intercomSecrets, NetworkError } from '@cutover/client'
import { IntegratorClient } from '@cutover/client/integrator'
import { createKeyset, verifyRequest } from '@cutover/signing'
import { describe, expect, it, onTestFinished } from 'vitest'
import { rejection } from './listening-cutover.ts'

interface Seen {
  readonly url: string
  readonly rawHeaders: readonly string[]
}

/** Answers everything with `{}`, or with `answer`, and notes what it was asked. */
async function serve(answer: { status?: number; headers?: Record<string, string> } = {}, host = '127.0.0.1') {
  const seen: Seen[] = []
  const server = createServer(({ url = '', rawHeaders }, response) => {
    seen.push({ url, rawHeaders })
    response.writeHead(answer.status ?? 200, answer.headers).end('{}')
  })
  server.listen(0, host)
  await once(server, 'listening')
  onTestFinished(() => {
    server.closeAllConnections()
    server.close()
  })
  // Sound: it listens on a port, not on a pipe.
  const { port } = server.address() as AddressInfo
  return { seen, server, baseUrl: `http://${host.includes(':') ? `[${host}]` : host}:${port}` }
}

const token = 'cut_a-token-that-must-not-get-about'

describe('a redirect', () => {
  it.each([301, 302, 303, 307, 308])('%i is not followed, and the token goes nowhere else', async (status) => {
    const elsewhere = await serve()
    const { baseUrl, seen } = await serve({ status, headers: { location: `${elsewhere.baseUrl}/stolen?a=1` } })
    const client = new CutoverClient({ baseUrl, token })
    for (const call of [() => client.health(), () => client.identitySecrets.delete('1')]) {
      const error = await rejection(call(), ApiError)
      expect(error).toMatchObject({ status, code: 'unexpected_answer', dialect: 'unknown', attempts: 1 })
      expect(error.message).toContain(`(${elsewhere.baseUrl})`)
    }
    expect([seen.length, elsewhere.seen.length]).toEqual([2, 0])
  })
})

describe('baseUrl', () => {
  it.each([
    ['', '/health'],
    ['/', '/health'],
    ['//', '/health'],
    ['/cutover', '/cutover/health'],
    ['/cutover/', '/cutover/health'],
    ['/a/b//', '/a/b/health'],
    ['?', '/health'],
    ['/cutover/#', '/cutover/health'],
  ])('that ends in "%s" leads to %s', async (end, path) => {
    const { baseUrl, seen } = await serve()
    await new CutoverClient({ baseUrl: baseUrl + end }).health()
    expect(seen.map(({ url }) => url)).toEqual([path])
  })

  const hasIpv6 = Object.values(networkInterfaces()).some((addresses) =>
    addresses?.some(({ address }) => address === '::1'),
  )
  it.skipIf(!hasIpv6)('may be an IPv6 address', async () => {
    const { baseUrl, seen } = await serve({}, '::1')
    expect(baseUrl).toMatch(/^http:\/\/\[::1\]:/)
    await new CutoverClient({ baseUrl }).health()
    expect(seen).toHaveLength(1)
  })

  it.each([
    ['cutover.example.com', 'no URL'],
    ['ftp://cutover.example.com', 'another protocol'],
    ['https://user@cutover.example.com', 'a user'],
    ['https://:secret@cutover.example.com', 'a password'],
    ['https://cutover.example.com?token=1', 'a query'],
    ['https://cutover.example.com#top', 'a fragment'],
  ])('%s is refused: %s', (baseUrl) => {
    expect(() => new CutoverClient({ baseUrl })).toThrow(TypeError)
    expect(() => new IntegratorClient({ baseUrl, key: 'k', secret: 's' })).toThrow(TypeError)
  })

  it('is what is signed with its prefix: the target as it is sent', async () => {
    const { baseUrl, seen } = await serve()
    const integrator = { key: 'int_1', secret: 'ints_1' }
    await new IntegratorClient({ baseUrl: `${baseUrl}/behind/a%20proxy/`, ...integrator }).self()
    const [request] = seen
    expect(request?.url).toBe('/behind/a%20proxy/v1/integrator')
    const keyset = createKeyset([{ id: '1', secret: integrator.secret }])
    const received = { method: 'GET', path: request?.url ?? '', headers: request?.rawHeaders ?? [] }
    expect(verifyRequest(keyset, received)).toMatchObject({ verified: true })
  })

  it('is named by an error where nobody listens, and the token is not', async () => {
    const { baseUrl, server } = await serve()
    server.close()
    await once(server, 'close')
    const error = await rejection(new CutoverClient({ baseUrl, token, retries: 0 }).health(), NetworkError)
    expect(error.message).toBe(`${baseUrl} cannot be reached: ECONNREFUSED`)
  })
})

describe('an id', () => {
  it.each(['', '.', '..'])('"%s" never leads to another resource', async (id) => {
    const { baseUrl, seen } = await serve({ status: 204 })
    const { identitySecrets, secureModeSecrets, accessTokens, workspaces, integrators } = new CutoverClient({ baseUrl })
    const calls = [
      () => identitySecrets.delete(id),
      () => identitySecrets.retire(id, { afterSeconds: 0 }),
      () => secureModeSecrets.delete(id),
      () => accessTokens.rotate(id, { oldTokenValidForSeconds: 0 }),
      () => workspaces.delete(id),
      () => integrators.delete(id),
    ]
    for (const call of calls) await rejection(call(), TypeError)
    expect(seen).toEqual([])
  })

  it.each([
    ['../integrators/itg_1', '..%2Fintegrators%2Fitg_1'],
    ['%2e%2e', '%252e%252e'],
    ['1?cascade=true#', '1%3Fcascade%3Dtrue%23'],
    ['\ud800', '%EF%BF%BD'],
  ])('%j is one segment of the path', async (id, segment) => {
    const { baseUrl, seen } = await serve()
    await new CutoverClient({ baseUrl }).identitySecrets.read(id)
    expect(seen.map(({ url }) => url)).toEqual([`/v1/identity-secrets/${segment}`])
  })
})

describe('a credential that no header can hold', () => {
  it.each(['cut_secret\r\nX-Evil: 1', 'cut_secret\u2026', 'cut_sec\u0000ret'])(
    'is a TypeError that does not tell it: %j',
    async (bad) => {
      const { baseUrl, seen } = await serve()
      const error = await rejection(new CutoverClient({ baseUrl, token: bad }).health(), TypeError)
      expect(error.message).toBe('Authorization holds a character that no header can hold')
      expect(JSON.stringify([error.stack, error.cause])).not.toContain('secret')
      expect(seen).toEqual([])
    },
  )

  it('nor any other one is shown by whoever prints a client', () => {
    const clients = [
      new CutoverClient({ baseUrl: 'https://cutover.example.com', token }),
      new IntegratorClient({ baseUrl: 'https://cutover.example.com', key: 'int_1', secret: token }),
      intercomSecrets({ token }),
    ]
    expect(inspect(clients, { depth: 9, showHidden: true }) + JSON.stringify(clients)).not.toContain(token)
  })

  it('is a secret that cannot sign, too', async () => {
    const { baseUrl, seen } = await serve()
    await rejection(new IntegratorClient({ baseUrl, key: 'int_1', secret: '' }).self(), TypeError)
    expect(seen).toEqual([])
  })
})
