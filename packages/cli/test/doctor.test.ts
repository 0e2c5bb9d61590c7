import { execFile } from 'node:child_process'
import { once } from 'node:events'
import { readFile } from 'node:fs/promises'
import { createServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createTemporaryDirectory } from '../../../test-support/temporary-directory.ts'
import type { Check } from '../src/doctor/check.ts'
import { Served } from './served.ts'

let served: Served
beforeAll(async () => {
  served = await Served.start()
})
afterAll(() => served.end())

const checksOf = (stdout: string): readonly Check[] => JSON.parse(stdout).checks
const statusesOf = (checks: readonly Check[]) => Object.fromEntries(checks.map(({ id, status }) => [id, status]))

describe('doctor', () => {
  it('looks at everything, and ends with 0 where there are warnings at most', async () => {
    const { code, stdout, stderr } = await served.run(['doctor', '--json'])
    expect([code, stderr]).toEqual([0, ''])
    const checks = checksOf(stdout)
    expect(statusesOf(checks)).toEqual({
      profile: 'ok',
      reachable: 'ok',
      ready: 'ok',
      tls: 'ok',
      clock: 'ok',
      token: 'warning',
      'token-scopes': 'ok',
      'tokens-ending': 'ok',
      'tokens-overdue': 'ok',
      secrets: 'warning',
      'enforcement-web': 'ok',
      'enforcement-ios': 'ok',
      'enforcement-android': 'ok',
      nodes: 'ok',
      'nodes-behind': 'ok',
      'nodes-version': 'ok',
      'master-keys': 'ok',
    })
    for (const { status, remedy } of checks) expect(remedy === null).toBe(status === 'ok')
  })

  it('says what it could not look at, and looks at the rest', async () => {
    const env = { CUTOVER_TOKEN: await served.makeToken(['read_settings']) }
    const { code, stdout } = await served.run(['doctor', '--json'], { env })
    const checks = checksOf(stdout)
    expect([code, statusesOf(checks)]).toEqual([
      0,
      expect.objectContaining({ token: 'ok', secrets: 'skipped', nodes: 'skipped', 'enforcement-web': 'ok' }),
    ])
    expect(checks.find(({ id }) => id === 'nodes')).toEqual({
      id: 'nodes',
      status: 'skipped',
      summary: 'not looked at: the token lacks manage_workspaces',
      remedy: 'run it with a token that has manage_workspaces',
    })
  })

  it('prints a line for each, with what to do below it, and ends with 1 where something is wrong', async () => {
    const { id, secret } = await served.makeSecret('about to end')
    await served.json(['secrets', 'retire', id, '--after', '3600'])
    await served.caller.verify(secret)
    await served.json(['settings', 'set', '--ios', 'off'])
    const inTrouble = async () => (await served.run(['doctor'])).stdout
    await expect
      .poll(inTrouble, { timeout: 40_000 })
      .toContain(
        'problem  1 secret that is in use ends within a day: "about to end"\n' +
          `         -> cutover secrets show ${id} says who uses it; cutover secrets keep ${id} takes the end back\n`,
      )
    const { code, stdout, stderr } = await served.run(['doctor'])
    expect([code, stderr]).toEqual([1, expect.stringMatching(/^error: 1 of \d+ checks found a problem\n$/)])
    expect(stdout).toContain(
      'warning  ios is not enforced (off): what does not verify is allowed; nothing was asked in 24 hours\n' +
        '         -> nothing would be rejected: cutover settings set --ios enforce\n',
    )
  })

  it('is no failure of its own where nobody answers, or where there is no good token', async () => {
    const nobody = await served.run(['doctor', '--json'], { env: { CUTOVER_URL: 'http://127.0.0.1:9' } })
    expect([nobody.code, statusesOf(checksOf(nobody.stdout))]).toEqual([
      1,
      { profile: 'ok', reachable: 'problem', tls: 'ok' },
    ])
    for (const CUTOVER_TOKEN of ['', `cut_${'0'.repeat(38)}`]) {
      const { code, stdout } = await served.run(['doctor', '--json'], { env: { CUTOVER_TOKEN } })
      expect([code, statusesOf(checksOf(stdout))['token']]).toEqual([1, 'problem'])
    }
  })

  it('looks at the certificate of a server, be it trusted or not', async () => {
    await using directory = await createTemporaryDirectory()
    const [cert, key] = [join(directory.path, 'cert.pem'), join(directory.path, 'key.pem')]
    const subject = ['-subj', '/CN=localhost', '-addext', 'subjectAltName=IP:127.0.0.1', '-days', '3']
    const parameters = ['req', '-x509', '-newkey', 'rsa:2048', '-nodes', ...subject, '-keyout', key, '-out', cert]
    await promisify(execFile)('openssl', parameters)
    const server = createServer({ cert: await readFile(cert), key: await readFile(key) }, ({ url }, response) => {
      response.writeHead(url === '/livez' ? 200 : 503, { 'content-type': 'application/json' }).end('{"status":"ok"}')
    }).listen(0, '127.0.0.1')
    await once(server, 'listening')
    const url = `https://127.0.0.1:${(server.address() as AddressInfo).port}` // sound: it listens on TCP
    try {
      const distrusted = await served.run(['doctor', '--json'], { env: { CUTOVER_URL: url } })
      expect(checksOf(distrusted.stdout)).toContainEqual({
        id: 'tls',
        status: 'problem',
        summary: 'the certificate is not trusted: DEPTH_ZERO_SELF_SIGNED_CERT',
        remedy: 'NODE_EXTRA_CA_CERTS names a file of your own authority',
      })
      const trusted = await served.run(['doctor', '--json'], { env: { CUTOVER_URL: url, NODE_EXTRA_CA_CERTS: cert } })
      expect(checksOf(trusted.stdout)).toContainEqual(
        expect.objectContaining({
          id: 'tls',
          status: 'warning',
          summary: expect.stringMatching(/^the certificate is over in 2 days, at /),
        }),
      )
    } finally {
      server.closeAllConnections()
      server.close()
    }
  })
})
