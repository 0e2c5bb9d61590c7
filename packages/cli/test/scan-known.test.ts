import { writeFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { CutoverClient } from '@cutover/client'
import { tokenChecksum } from '@cutover/signing'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createTemporaryDirectory, type TemporaryDirectory } from '../../../test-support/temporary-directory.ts'
import { type CalledCutover, createInstallation, type Installation } from '../../server/test/installation.ts'
import { runCutover } from './run-cutover.ts'
import { runInProcess } from './run-in-process.ts'

let installation: Installation
let cutover: CalledCutover
let client: CutoverClient
let directory: TemporaryDirectory
const atEnd: (() => unknown)[] = []

beforeAll(async () => {
  directory = await createTemporaryDirectory()
  atEnd.push(() => directory.remove())
  installation = await createInstallation('sqlite', (work) => atEnd.push(work))
  cutover = await installation.start({ CUTOVER_RATE_LIMIT_PER_MINUTE: '0', CUTOVER_MAX_ACTIVE_SECRETS: '300' })
  client = new CutoverClient({ baseUrl: cutover.address, token: installation.token })
})

afterAll(async () => {
  for (const work of atEnd.reverse()) await work()
})

const makeSecret = (name: string) => client.identitySecrets.create({ name, platforms: { web: true } })

interface Finding {
  readonly masked: string
  readonly state: string
  readonly id: string | null
  readonly name: string | null
  readonly command: string | null
}

let files = 0

/** Scans a file that holds these, as a user who is connected. */
async function scan(secrets: readonly string[], parameters: readonly string[] = [], accessToken = installation.token) {
  const file = join(directory.path, `file-${files++}`)
  await writeFile(file, secrets.map((secret) => `SECRET="${secret}"\n`).join(''))
  const env = { CUTOVER_URL: cutover.address, CUTOVER_TOKEN: accessToken }
  const { code, stdout, stderr } = await runInProcess(['scan', '--json', file, ...parameters], { env })
  for (const secret of secrets) expect(stdout + stderr).not.toContain(secret.slice(0, -3))
  const { findings = [] } = stdout === '' ? {} : (JSON.parse(stdout) as { findings: readonly Finding[] })
  return { code, stderr, findings: findings.map(({ state, id, name, command }) => [state, id, name, command]) }
}

describe.concurrent('cutover scan, connected', { timeout: 60_000 }, () => {
  it('knows an identity secret by its fingerprint, live or dead, and what to run next', async () => {
    const [active, disabled, retiring, deleted] = await Promise.all(['A', 'B', 'C', 'D'].map(makeSecret))
    if (!active || !disabled || !retiring || !deleted) throw new Error('not made')
    await client.identitySecrets.disable(disabled.id)
    await client.identitySecrets.retire(retiring.id, { afterSeconds: 3600 })
    await client.identitySecrets.delete(deleted.id)
    const secrets = [active, disabled, retiring, deleted].map(({ secret }) => secret)
    const live = [
      ['active', active.id, 'A', `cutover rotate ${active.id}`],
      ['disabled', disabled.id, 'B', `cutover secrets delete ${disabled.id}`],
      ['retiring', retiring.id, 'C', `cutover secrets delete ${retiring.id}`],
    ]
    expect(await scan(secrets)).toEqual({
      code: 1,
      stderr: expect.stringContaining('Found 4 leaked secrets'),
      findings: [...live, ['deleted', deleted.id, 'D', null]],
    })
    expect((await scan(secrets, ['--live-only'])).findings).toEqual(live)
    expect(await scan([deleted.secret], ['--live-only'])).toEqual({ code: 0, stderr: '', findings: [] })
  })

  it('does not take any other 43 characters for one', async () => {
    const { secret } = await makeSecret('E')
    const other = `${secret.slice(0, -1)}${secret.endsWith('A') ? 'E' : 'A'}`
    expect(await scan([other, `${secret}A`, `A${secret}`, secret.slice(1)])).toEqual({
      code: 0,
      stderr: '',
      findings: [],
    })
  })

  it('finds one of more secrets than one page holds', async () => {
    const made = await Promise.all(Array.from({ length: 220 }, (_, index) => makeSecret(`Many ${index}`)))
    const last = made.reduce((a, b) => (Number(b.id) > Number(a.id) ? b : a))
    expect((await scan([last.secret])).findings).toEqual([['active', last.id, last.name, `cutover rotate ${last.id}`]])
  })

  it('knows whose integrator secret it is, and one that nobody signs with any more', async () => {
    const { id, key, secret: old } = await client.integrators.create({ name: 'Acme' })
    const { secret: current } = await client.integrators.recoverSecret(key, { oldSecretValidForSeconds: 3600 })
    const command = `cutover integrators recover ${id}`
    expect((await scan([old, current])).findings).toEqual([
      ['retiring', id, 'Acme', command],
      ['current', id, 'Acme', command],
    ])
    await client.integrators.delete(id)
    expect((await scan([old])).findings).toEqual([['not_accepted', null, null, null]])
    expect((await scan([old], ['--live-only'])).code).toBe(0)
  })

  it('asks with a token that was found only when told, and then says which it is', async () => {
    const { id, token } = await client.accessTokens.create({ name: 'Leaked', preset: 'rotator' })
    expect((await scan([token])).findings).toEqual([['unknown', null, null, 'cutover tokens list']])
    const { findings } = await scan([token], ['--check-tokens'])
    expect(findings).toEqual([['accepted', id, 'Leaked', `cutover tokens rotate ${id}`]])
    await client.accessTokens.revoke(id)
    expect((await scan([token], ['--check-tokens'])).findings).toEqual([['refused', null, null, null]])
    expect((await scan([token], ['--check-tokens', '--live-only'])).code).toBe(0)
  })

  it('does not guess which of two tokens that look alike it is', async () => {
    const twin = { name: 'Twin', preset: 'rotator' } as const
    const [{ token }] = await Promise.all([client.accessTokens.create(twin), client.accessTokens.create(twin)])
    const { findings } = await scan([token], ['--check-tokens'])
    expect(findings).toEqual([['accepted', null, 'Twin', 'cutover tokens list']])
  })

  it('fails where the token may not list identity secrets: nothing found would mean nothing', async () => {
    const { token } = await client.accessTokens.create({ name: 'Verifier', preset: 'production-verifier' })
    const { code, stderr } = await scan([], [], token)
    expect([code, JSON.parse(stderr)]).toEqual([
      1,
      { error: expect.objectContaining({ code: 'token_unauthorized', hint: expect.stringContaining('--offline') }) },
    ])
  })

  it('goes on where the token may not read integrators, and does not say what it cannot know', async () => {
    const { secret } = await client.integrators.create({ name: 'Beta' })
    const { token } = await client.accessTokens.create({ name: 'Rotator', preset: 'rotator' })
    expect((await scan([secret], [], token)).findings).toEqual([['unknown', null, null, 'cutover integrators list']])
  })

  it('ends with 4 where Cutover does not answer, unless it is not asked', async () => {
    const env = { CUTOVER_URL: 'http://127.0.0.1:1', CUTOVER_TOKEN: installation.token }
    const cwd = directory.path
    expect((await runCutover(['scan', 'file-none'], { env, cwd })).code).toBe(4)
    await writeFile(join(cwd, 'harmless'), 'harmless')
    expect((await runCutover(['scan', 'harmless', '--offline'], { env, cwd })).code).toBe(0)
  })
})

describe('what cutover scan sends', () => {
  it('is two questions for lists, and nothing of what was found', async () => {
    const received: string[] = []
    const server = createServer(async (request, response) => {
      received.push(`${request.method} ${request.url} ${await text(request)}`)
      response.setHeader('content-type', 'application/json')
      response.end(JSON.stringify({ data: [], nextCursor: null }))
    })
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    const random = 'Zt5jW0mPq8sLr2vKc7xBn4yHd1gFa9eU'
    const found = [`cut_${random}${tokenChecksum(random)}`, '9Zw0xNs3vKk0fPz9rwKqNbzH3mPVQmQxL9vhSm9Tk4A']
    await writeFile(join(directory.path, 'sent'), found.join('\n'))
    // Sound: it listens on a port.
    const env = {
      CUTOVER_URL: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
      CUTOVER_TOKEN: installation.token,
    }
    const { code } = await runCutover(['scan', 'sent'], { env, cwd: directory.path })
    server.close()
    expect(code).toBe(1)
    expect(received).toEqual(['GET /v1/identity-secrets?limit=200&state=all ', 'GET /v1/integrators?limit=200 '])
  })
})
