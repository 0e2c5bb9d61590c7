import { mkdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { createKeyset, signUserHash, verifyJwt, verifyRequest } from '@cutover/signing'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createTemporaryDirectory, type TemporaryDirectory } from '../../../test-support/temporary-directory.ts'
import requestVectors from '../../signing/test/vectors/request-signature.json' with { type: 'json' }
import userHashVectors from '../../signing/test/vectors/user-hash.json' with { type: 'json' }
import { type SnippetKind, type SnippetLanguage, snippetKinds, snippetLanguages, snippetUrl } from '../src/snippets.ts'
import { runCutover } from './run-cutover.ts'
import { runProgram } from './run-program.ts'
import { missingPrograms, prepareSnippet } from './snippet-toolchains.ts'

/** Neither UTF-8 nor anything else is the language of the machine: what is signed must not depend on that. */
const plainLocale = { LANG: 'C', LC_ALL: 'C', TZ: 'UTC' }

interface UserHashCase {
  readonly identifier: string
  readonly secret: string
  readonly userHash: string
}

/** What Cutover can issue or import, and what fits on a line: no shell can hand over a NUL. */
const userHashCases = userHashVectors.cases.flatMap(({ identifier, secrets, userHash, expected }): UserHashCase[] => {
  const secret = secrets.find(({ id }) => expected.secretId === id)?.secret ?? ''
  const isUsable = expected.verified && /^[\x20-\x7e]{16,128}$/.test(secret) && !/^$|[\n\0]/.test(identifier)
  return isUsable ? [{ identifier, secret, userHash: userHash.toLowerCase() }] : []
})

const secret = '9Zw0xNs3vKk0fPz9rwKqNbzH3mPVQmQxL9vhSm9Tk4A'
const longSecret = 'k'.repeat(128)

/** What needs an escape in JSON, and what does not. */
const userIds = [
  'user_1',
  'ада',
  '🔑 ключ 鍵',
  'a"b\\c/d',
  'tab\there',
  '\u0001\u001f\u007f',
  ' x ',
  '<&>\u2028',
  '%s$1',
]

/** Whatever a program could get wrong; a request target is ASCII on the wire. */
const tellingRequests: ReadonlySet<string> = new Set([
  'no body',
  'a body with a line feed at its end',
  'a body of all 256 bytes',
  'a query with percent-encoding and a plus sign',
  'an empty query, whose question mark is signed',
  'a method received in mixed case',
])

const requests = requestVectors.cases
  .filter(({ name }) => tellingRequests.has(name))
  .map(({ method, path, ...rest }) => ({
    method,
    path,
    body: Buffer.from('bodyBase64' in rest ? (rest.bodyBase64 ?? '') : '', 'base64'),
  }))

let directory: TemporaryDirectory
beforeAll(async () => {
  directory = await createTemporaryDirectory()
})
afterAll(() => directory.remove())

const commands = new Map<string, Promise<readonly string[]>>()

/** Compiled once, where the language is. */
function commandOf(language: SnippetLanguage, kind: SnippetKind): Promise<readonly string[]> {
  const name = `${kind}-${language}`
  const prepare = async () => {
    await mkdir(join(directory.path, name))
    return prepareSnippet(language, kind, join(directory.path, name))
  }
  const command = commands.get(name) ?? prepare()
  commands.set(name, command)
  return command
}

async function run(command: readonly string[], stdin: string | Uint8Array, env: Readonly<Record<string, string>>) {
  const { code, stdout, stderr } = await runProgram(command, { stdin, env: { ...plainLocale, ...env } })
  expect([code, stderr]).toEqual([0, ''])
  return stdout.trimEnd().split('\n')
}

describe.each(snippetLanguages)('the programs in %s', { concurrent: true, timeout: 120_000 }, (language) => {
  const missing = missingPrograms(language)
  const skipped = missing.length === 0 ? '' : ` (SKIPPED: no ${missing.join(', ')} on PATH)`
  const itRuns = it.skipIf(missing.length > 0)

  itRuns(`sign user ids as the vectors say${skipped}`, async () => {
    const command = await commandOf(language, 'user-hash')
    const more = userIds.map((identifier) => ({ identifier, secret, userHash: signUserHash(secret, identifier) }))
    for (const [key, cases] of Map.groupBy([...userHashCases, ...more], (each) => each.secret)) {
      const lines = cases.map(({ identifier }) => `${identifier}\n`).join('')
      expect(await run(command, lines, { SIGNING_SECRET: key })).toEqual(cases.map(({ userHash }) => userHash))
    }
  })

  itRuns(`sign a last line that no line break ends${skipped}`, async () => {
    const hashes = await run(await commandOf(language, 'user-hash'), 'user_2\nuser_1', { SIGNING_SECRET: secret })
    expect(hashes[1]).toBe('c31ffd65ef101af12e03696886b8b38c16962cee02f3911b5c339940b5eb5556')
  })

  itRuns(`make JWTs that verify for five minutes, for any user id${skipped}`, async () => {
    const command = await commandOf(language, 'jwt')
    const keyset = createKeyset([{ id: 'own', secret: longSecret }])
    const before = Math.floor(Date.now() / 1000)
    const jwts = await run(command, userIds.map((id) => `${id}\n`).join(''), { SIGNING_SECRET: longSecret })
    const after = Math.floor(Date.now() / 1000)
    const verify = (nowSeconds: number) => jwts.map((jwt) => verifyJwt(keyset, jwt, { nowSeconds, leewaySeconds: 0 }))
    const expected = userIds.map((userId) => ({ verified: true, secretId: 'own', userId }))
    expect(verify(before + 299)).toEqual(expected)
    expect(verify(after + 300)).toEqual(userIds.map(() => ({ verified: false, reason: 'jwt_expired' })))
  })

  itRuns(`sign requests that verify${skipped}`, async () => {
    const command = await commandOf(language, 'request')
    const keyset = createKeyset([{ id: 'own', secret }])
    expect(requests).toHaveLength(tellingRequests.size)
    for (const { method, path, body } of requests) {
      const lines = await run([...command, method, path], body, { SIGNING_SECRET: secret, INTEGRATOR_KEY: 'int_1' })
      const headers = lines.map((line): [string, string] => [line.split(': ')[0] ?? '', line.split(': ')[1] ?? ''])
      const verification = verifyRequest(keyset, { method, path, headers: headers.flat(), body })
      expect([method, path, verification.verified]).toEqual([method, path, true])
      expect(headers[0]).toEqual(['X-Integrator-Key', 'int_1'])
    }
  })

  itRuns.each(snippetKinds)(`sign nothing without a secret, %s${skipped}`, async (kind) => {
    const command = [...(await commandOf(language, kind)), ...(kind === 'request' ? ['GET', '/'] : [])]
    for (const env of kind === 'user-hash' ? [{}, { SIGNING_SECRET: '' }] : [{ SIGNING_SECRET: '' }]) {
      const { code, stdout } = await runProgram(command, {
        stdin: 'user_1\n',
        env: { INTEGRATOR_KEY: 'int_1', ...env },
      })
      expect([code === 0, stdout]).toEqual([false, ''])
    }
  })
})

describe('cutover sign --snippet', () => {
  it.each(snippetKinds)('prints the program, %s, as it is in its file', async (kind) => {
    const { code, stdout, stderr } = await runCutover(['sign', '--snippet', 'python', '--kind', kind])
    expect([code, stderr]).toEqual([0, ''])
    expect(stdout).toBe(await readFile(snippetUrl('python', kind), 'utf8'))
  })

  it('prints the one for user hashes unless told, and with --json says which it is', async () => {
    const { stdout } = await runCutover(['sign', '--snippet', 'go', '--json'])
    const program = await readFile(snippetUrl('go', 'user-hash'), 'utf8')
    expect(JSON.parse(stdout)).toEqual({ language: 'go', kind: 'user-hash', program })
  })

  it('refuses a language that there is none in', async () => {
    const { code, stdout, stderr } = await runCutover(['sign', '--snippet', 'cobol'])
    expect([code, stdout]).toEqual([2, ''])
    expect(stderr).toContain('Allowed choices are node, python, ruby, php, go, java, bash, perl')
  })
})
