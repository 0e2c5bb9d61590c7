import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { Served } from './served.ts'

let served: Served
beforeAll(async () => {
  served = await Served.start()
})
afterAll(() => served.end())

async function addressOfNobody(): Promise<string> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo // sound: it listens on TCP
  server.close()
  await once(server, 'close')
  return `http://127.0.0.1:${port}`
}

const aSecret = ['secrets', 'list']

describe('a command that cannot do its work', () => {
  it('ends with 2 where there is no token, and says where one comes from', async () => {
    const { code, stdout, stderr } = await served.run(aSecret, { env: { CUTOVER_TOKEN: '' } })
    expect([code, stdout, stderr]).toEqual([
      2,
      '',
      'error: There is no access token\nhint: set CUTOVER_TOKEN, or log in: cutover login\n',
    ])
  })

  it('ends with 1 where the token is not good, with the request that the log has', async () => {
    const token = `cut_${'0'.repeat(38)}`
    const { code, stderr } = await served.run(aSecret, { env: { CUTOVER_TOKEN: token } })
    expect([code, stderr]).toEqual([
      1,
      expect.stringMatching(/^error: .* \(request [0-9a-f-]{36}\)\nhint: the token is malformed, unknown, expired/),
    ])
    expect(served.holding(token)).toBe(0)
  })

  it.each([
    ['read_secure_mode_secret', ['secrets', 'list']],
    ['read_secure_mode_secret', ['secrets', 'show', '1']],
    ['write_secure_mode_secret', ['secrets', 'create', '--name', 'x', '--web']],
    ['write_secure_mode_secret', ['secrets', 'disable', '1']],
    ['read_secure_mode_secret and write_secure_mode_secret', ['secrets', 'delete', '1']],
    ['read_access_tokens', ['tokens', 'list']],
    ['write_access_tokens', ['tokens', 'create', '--name', 'x', '--preset', 'rotator']],
    ['read_integrators', ['integrators', 'list']],
    ['read_audit_log', ['audit', 'list']],
    ['read_settings', ['settings', 'show']],
    ['read_settings and write_settings', ['settings', 'set', '--web', 'off']],
    ['manage_workspaces', ['workspaces', 'list']],
  ])('names the scope that the token lacks: %s', async (scope, parameters) => {
    const env = { CUTOVER_TOKEN: await served.makeToken(['verify']) }
    const { code, stderr } = await served.run(parameters, { env })
    expect([code, stderr]).toEqual([
      1,
      expect.stringContaining(`hint: this takes a token with ${scope}; cutover whoami shows what yours has\n`),
    ])
  })

  it.each([
    ['secrets', ['secrets', 'show', '999999']],
    ['tokens', ['tokens', 'revoke', 'tok_00000000000000000000', '--yes']],
    ['integrators', ['integrators', 'show', 'itg_00000000000000000000']],
  ])('ends with 1 where there is no such thing: %s', async (_, parameters) => {
    const { code, stderr } = await served.run(parameters)
    expect([code, stderr]).toEqual([
      1,
      expect.stringMatching(/^error: There is no such .* \(request [0-9a-f-]{36}\)\n$/),
    ])
  })

  it('ends with 4 where nobody answers, as one line of JSON with --json', async () => {
    const url = await addressOfNobody()
    const { code, stdout, stderr } = await served.run([...aSecret, '--json'], { env: { CUTOVER_URL: url } })
    expect([code, stdout, stderr.trimEnd().split('\n').length]).toEqual([4, '', 1])
    expect(JSON.parse(stderr)).toEqual({
      error: {
        code: null,
        message: `${url} cannot be reached: ECONNREFUSED`,
        hint: 'is it running, and is the URL right? --url, CUTOVER_URL',
        requestId: null,
      },
    })
  })

  it('ends with 1 where something else answers, without what it said', async () => {
    const server = createServer((_request, response) => {
      response.writeHead(200, { 'content-type': 'text/html' }).end('<html><script>alert(1)</script>')
    }).listen(0, '127.0.0.1')
    await once(server, 'listening')
    const { port } = server.address() as AddressInfo // sound: it listens on TCP
    try {
      const { code, stdout, stderr } = await served.run(aSecret, { env: { CUTOVER_URL: `http://127.0.0.1:${port}` } })
      expect([code, stdout, stderr]).toEqual([1, '', expect.stringMatching(/^error: The answer .* address\b.*\?\n$/)])
    } finally {
      server.close()
    }
  })

  it('ends with 2 where the address is none, or an option is unknown', async () => {
    expect((await served.run([...aSecret, '--url', 'ftp://x'])).code).toBe(2)
    expect((await served.run([...aSecret, '--token', 'cut_x'])).code).toBe(2)
    expect((await served.run(['secrets'])).code).toBe(2)
  })

  it('warns where the token would travel in the clear', async () => {
    const { code, stderr } = await served.run(aSecret, { env: { CUTOVER_URL: 'http://cutover.invalid' } })
    expect([code, stderr]).toEqual([
      4,
      expect.stringMatching(
        /^warning: http:\/\/cutover\.invalid is not https: the access token travels in the clear\n/,
      ),
    ])
  })
})
