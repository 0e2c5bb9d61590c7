import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { createKeyset, verifyJwt, verifyRequest } from '@cutover/signing'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createTemporaryDirectory, type TemporaryDirectory } from '../../../test-support/temporary-directory.ts'
import { runCutover } from './run-cutover.ts'
import { runInProcess } from './run-in-process.ts'

const secret = '9Zw0xNs3vKk0fPz9rwKqNbzH3mPVQmQxL9vhSm9Tk4A'
const userHash = 'c31ffd65ef101af12e03696886b8b38c16962cee02f3911b5c339940b5eb5556'
const fingerprint = 'sha256:ca32af082f506652'
const keyset = createKeyset([{ id: 'own', secret }])
/** Signed in the shared vectors, at that moment. */
const signedAt = '2026-11-21T12:00:00.000Z'

let directory: TemporaryDirectory
let secretFile: string
let otherFile: string
beforeAll(async () => {
  directory = await createTemporaryDirectory()
  secretFile = await file('secret', `${secret}\n`)
  otherFile = await file('other', 'qT5Xn0a8Zr3Yw7Lc1Vb6qT5Xn0a8Zr3Yw7Lc1Vb6qT5')
})
afterAll(() => directory.remove())

async function file(name: string, content: string | Uint8Array): Promise<string> {
  const path = join(directory.path, name)
  await writeFile(path, content)
  return path
}

describe.concurrent('cutover sign', { timeout: 60_000 }, () => {
  it.each(['', '\n', '\r\n'])(
    'prints the user hash alone, one line break after the secret or none (%j)',
    async (end) => {
      const ended = await runCutover(['sign', '--user-id', 'user_1', '--from-stdin'], { stdin: `${secret}${end}` })
      expect(ended).toEqual({ code: 0, stdout: `${userHash}\n`, stderr: '' })
    },
  )

  it('strips one line break, and not two', async () => {
    const { stdout } = await runCutover(['sign', '--user-id', 'user_1', '--from-stdin'], { stdin: `${secret}\n\n` })
    expect(stdout).toMatch(/^[0-9a-f]{64}\n$/)
    expect(stdout).not.toBe(`${userHash}\n`)
  })

  it('signs an email, UTF-8 whatever the locale is', async () => {
    const env = { LC_ALL: 'C' }
    const { stdout } = await runCutover(['sign', '--email', 'café', '--secret-file', secretFile, '--json'], { env })
    // printf 'caf\xc3\xa9' | openssl dgst -sha256 -hmac "$SECRET"
    expect(JSON.parse(stdout)).toEqual({ userHash: '6a1faf91f7d648e4d1e21fe0fe6e7b0df4c45a2ca24e01257ed4908497a6197b' })
  })

  it.each([
    [[], 300],
    [['--expires-in', '60'], 60],
  ])('makes a JWT that ends by itself, %j', async (parameters, lifetimeSeconds) => {
    const before = Math.floor(Date.now() / 1000)
    const signed = await runCutover(['sign', '--user-id', 'ключ', '--jwt', '--json', ...parameters], { stdin: secret })
    const { jwt, expiresAt } = JSON.parse(signed.stdout) as { jwt: string; expiresAt: string }
    const endsAtSeconds = Date.parse(expiresAt) / 1000
    expect(endsAtSeconds - before).toBeGreaterThanOrEqual(lifetimeSeconds)
    const verify = (nowSeconds: number) => verifyJwt(keyset, jwt, { nowSeconds, leewaySeconds: 0 })
    expect(verify(endsAtSeconds - 1)).toEqual({ verified: true, secretId: 'own', userId: 'ключ' })
    expect(verify(endsAtSeconds)).toEqual({ verified: false, reason: 'jwt_expired' })
  })

  it('signs a request with the body of a file: three headers, as curl -H @- takes them', async () => {
    const body = new Uint8Array([0, 255, 10, 13])
    const request = ['--request', 'post', '/payouts?dry=1', '--integrator-key', 'int_1']
    const bodyFile = await file('body', body)
    const { code, stdout } = await runCutover(['sign', ...request, '--body-file', bodyFile], { stdin: secret })
    expect(stdout).toMatch(/^X-Integrator-Key: int_1\nX-Timestamp: \d{13}\nX-Signature: sha256=[0-9a-f]{64}\n$/)
    const headers = stdout
      .trim()
      .split('\n')
      .flatMap((line) => line.split(': '))
    expect([code, verifyRequest(keyset, { method: 'POST', path: '/payouts?dry=1', headers, body })]).toEqual([
      0,
      { verified: true, secretId: 'own', timestampMs: Number(headers[3]), signature: headers[5] },
    ])
  })

  it('takes the body from standard input where the secret is in a file', async () => {
    const request = ['--request', 'POST', '/a', '--integrator-key', 'int_1', '--body-file', '-']
    const { stdout } = await runCutover(['sign', ...request, '--secret-file', secretFile, '--json'], {
      stdin: '{"a":1}',
    })
    const { headers } = JSON.parse(stdout) as { headers: Record<string, string> }
    expect(verifyRequest(keyset, { method: 'POST', path: '/a', headers, body: '{"a":1}' }).verified).toBe(true)
  })

  it.each([
    [[], 'Say what to sign, one of --user-id, --email, --request, --snippet'],
    [['--user-id', 'a', '--email', 'b'], 'Say what to sign, one of --user-id, --email, --request, --snippet'],
    [['--email', 'b', '--jwt'], '--jwt is for --user-id'],
    [['--user-id', 'a', '--expires-in', '60'], '--expires-in is for --jwt'],
    [['--user-id', 'a', '--jwt', '--expires-in', '0'], 'whole seconds, 1 or more'],
    [['--user-id', 'a', '--kind', 'jwt'], '--kind is for --snippet'],
    [['--user-id', ''], 'The user id or email is empty'],
    [['--user-id', '\u{fffd}'], 'is not UTF-8, or holds U+FFFD'],
    [['--request', 'GET'], '--request takes a method and a path'],
    [['--request', 'GET', '/a'], '--request needs --integrator-key'],
    [['--request', 'GET', 'https://a/b', '--integrator-key', 'int_1'], 'The path begins with /'],
    [['--request', 'GET', '/a b', '--integrator-key', 'int_1'], 'path must not be empty, nor hold a space'],
    [
      ['--request', 'POST', '/', '--integrator-key', 'int_1', '--body-file', '-'],
      'cannot both come from standard input',
    ],
    [['--user-id', 'a', '--from-stdin', '--secret-file', '/nonexistent'], 'cannot be used with option'],
    [['--user-id', 'a', '--secret-file', '/nonexistent'], '/nonexistent cannot be read: it does not exist'],
  ])('refuses %j as misuse, and prints nothing', async (parameters, message) => {
    const { code, stdout, stderr } = await runInProcess(['sign', ...parameters], { stdin: secret })
    expect([code, stdout]).toEqual([2, ''])
    expect(stderr).toContain(message)
    expect(stderr).not.toContain(secret)
  })

  it('refuses an empty secret, from standard input and from a file', async () => {
    const fromStdin = await runCutover(['sign', '--user-id', 'a', '--from-stdin'], { stdin: '\n' })
    expect([fromStdin.code, fromStdin.stdout]).toEqual([2, ''])
    const empty = await file('empty', '\n')
    const fromFile = await runCutover(['sign', '--user-id', 'a', '--secret-file', empty])
    expect([fromFile.code, fromFile.stdout]).toEqual([2, ''])
  })
})

describe.concurrent('cutover verify', { timeout: 60_000 }, () => {
  it('says which of several secrets made a user hash', async () => {
    const secrets = ['--secret-file', otherFile, '--secret-file', secretFile]
    const parameters = ['verify', '--user-id', 'user_1', '--user-hash', userHash, ...secrets]
    expect(await runCutover(parameters)).toEqual({
      code: 0,
      stdout: `Verified for user_1, with the secret ${fingerprint} of ${secretFile}.\n`,
      stderr: '',
    })
    expect(JSON.parse((await runCutover([...parameters, '--json'])).stdout)).toEqual({
      ...{ verified: true, method: 'user_hash', reason: null, userId: 'user_1' },
      secret: { source: secretFile, fingerprint },
    })
  })

  it('ends with 1 and the reason where none did', async () => {
    const parameters = ['verify', '--email', 'user_2', '--user-hash', userHash, '--from-stdin']
    const human = await runCutover(parameters, { stdin: secret })
    expect([human.code, human.stdout]).toEqual([1, ''])
    expect(human.stderr).toContain('Not verified, mismatch: none of the secrets made it')
    const json = await runCutover([...parameters, '--json'], { stdin: secret })
    expect([json.code, JSON.parse(json.stdout), JSON.parse(json.stderr)]).toEqual([
      1,
      { verified: false, method: 'user_hash', reason: 'mismatch', userId: null, secret: null },
      { error: expect.objectContaining({ code: 'mismatch' }) },
    ])
  })

  it('verifies a JWT as of a time, for the user that it must vouch for', async () => {
    // exp 1800000300, of the shared vectors
    const jwt =
      'eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJ1c2VyX2lkIjoidXNlcl8xIiwiZXhwIjoxODAwMDAwMzAwLCJuYmYiOjE4MDAwMDAwMDAsImlhdCI6MTgwMDAwMDAwMH0.7zUJMsrA_w0MNAUDSalXIxIMOyPRoInhoSDncY5OGOQ'
    const ask = (...more: readonly string[]) =>
      runCutover(['verify', '--jwt', jwt, '--secret-file', secretFile, '--json', ...more])
    const reasonOf = async (...more: readonly string[]) => {
      const { code, stdout } = await ask(...more)
      return [code, (JSON.parse(stdout) as { reason: string | null }).reason]
    }
    expect(await reasonOf('--at', '2027-01-15T08:05:00Z')).toEqual([0, null])
    expect(await reasonOf('--at', '2027-01-15T08:05:59.999Z')).toEqual([0, null])
    expect(await reasonOf('--at', '2027-01-15T08:06:00Z')).toEqual([1, 'jwt_expired'])
    expect(await reasonOf('--at', '2027-01-15T08:05:00Z', '--user-id', 'user_2')).toEqual([1, 'mismatch'])
  })

  it('verifies a request with the headers that sign has printed, and with those of the command line', async () => {
    const request = ['--request', 'POST', '/a?b=c', '--secret-file', secretFile, '--body-file', '-']
    const signed = await runCutover(['sign', ...request, '--integrator-key', 'int_1'], { stdin: 'body' })
    const headers = await file('headers', signed.stdout)
    expect((await runCutover(['verify', ...request, '-H', `@${headers}`], { stdin: 'body' })).code).toBe(0)
    expect((await runCutover(['verify', ...request, '-H', `@${headers}`], { stdin: 'Body' })).code).toBe(1)
    const single = signed.stdout
      .trim()
      .split('\n')
      .flatMap((line) => ['--header', line])
    expect((await runCutover(['verify', ...request, ...single], { stdin: 'body' })).code).toBe(0)
  })

  it('verifies a request of the shared vectors as of its time, and tells an old one from a wrong one', async () => {
    const integratorSecret = 'ints_RaURxLkFVsMDy9KNWf0c4P7Hn3r4wedFilAaUHygTOi3SHOMj'
    const headers = [
      ...['-H', 'X-Integrator-Key: int_b2K9qTzX4mWvL0sYh7Rd', '-H', 'X-Timestamp: 1795262400000'],
      ...['-H', 'x-signature: sha256=07cee1db34d958841f7bc76cb68092498969ba8003442e740241590186f2bb26'],
    ]
    const parameters = ['verify', '--request', 'GET', '/v1/integrator', ...headers, '--from-stdin']
    expect((await runCutover([...parameters, '--at', signedAt], { stdin: integratorSecret })).code).toBe(0)
    const old = await runCutover([...parameters, '--at', '2026-11-21T12:05:00.001Z'], { stdin: integratorSecret })
    expect([old.code, old.stderr]).toEqual([1, expect.stringContaining('timestamp_out_of_range')])
    const wrong = await runCutover([...parameters, '--at', signedAt], { stdin: secret })
    expect([wrong.code, wrong.stderr]).toEqual([1, expect.stringContaining('signature_invalid')])
  })

  it.each([
    [[], 'Say what to verify, one of --user-hash, --jwt, --request'],
    [['--jwt', 'a', '--user-hash', 'b'], 'Say what to verify, one of --user-hash, --jwt, --request'],
    [['--user-hash', userHash], '--user-hash needs what was signed, one of --user-id, --email'],
    [['--user-hash', userHash, '--user-id', 'a', '--email', 'b'], '--user-hash needs what was signed'],
    [['--user-hash', userHash, '--user-id', 'a', '--at', signedAt], '--at is for --jwt and --request'],
    [['--jwt', 'a', '--at', 'noon'], '--at takes a time'],
    [['--jwt', 'a', '--header', 'X-Timestamp: 1'], '--header and --body-file are for --request'],
    [['--request', 'GET', '/', '--header', 'nonsense'], 'A header is missing its name or its value'],
  ])('refuses %j as misuse', async (parameters, message) => {
    const { code, stdout, stderr } = await runInProcess(['verify', ...parameters], { stdin: secret })
    expect([code, stdout]).toEqual([2, ''])
    expect(stderr).toContain(message)
  })
})
