import { spawn } from 'node:child_process'
import { createHmac } from 'node:crypto'
import { once } from 'node:events'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { intercomSecrets } from '@cutover/client'
import { signJwt } from '@cutover/signing'
import { describe, expect, it } from 'vitest'
import { DocumentedIntercom, token as intercomToken } from '../intercom/documented-server.ts'
import { startListening } from '../listening-cutover.ts'
import { overdueNames } from './overdue.ts'
import { regenerate } from './regenerate.ts'
import { replaceAtIntercom } from './rotate-at-intercom.ts'
import { finishRotation, startRotation } from './rotate-secret.ts'
import { verifiedUserId } from './verify-login.ts'

const web = { web: true, ios: false, android: false }
const examples = ['verify-login', 'rotate-secret', 'overdue', 'regenerate', 'rotate-at-intercom']
const readme = await readFile(join(import.meta.dirname, '../../README.md'), 'utf8')
const blocks = [...readme.matchAll(/^```ts\n(.*?)^```$/gms)].map(([, block = '']) => block)

describe('the examples of the README', () => {
  it.each(examples)('are what is tested here, word for word: %s', async (name) => {
    expect(blocks).toContain(await readFile(join(import.meta.dirname, `${name}.ts`), 'utf8'))
  })

  it('run as they stand, where they are no functions', async () => {
    const sources = await Promise.all(examples.map((name) => readFile(join(import.meta.dirname, `${name}.ts`), 'utf8')))
    const programs = blocks.filter((block) => !sources.includes(block))
    expect(programs).toHaveLength(blocks.length - examples.length)
    for (const program of programs) expect(await run(program)).toEqual(['', 0])
  })

  it('tell the user whom a JWT vouches for, and nobody for another one', async () => {
    await using cutover = await startListening()
    const client = cutover.client()
    const { secret } = await client.identitySecrets.create({ name: 'A', platforms: web })
    const exp = Math.floor(Date.now() / 1000) + 60
    expect(await verifiedUserId(client, signJwt(secret, { user_id: 'user_1', exp }))).toBe('user_1')
    expect(await verifiedUserId(client, signJwt('another secret', { user_id: 'user_1', exp }))).toBe(null)
  })

  it('rotate a secret, once for one run, and end the old one when nobody is left', async () => {
    await using cutover = await startListening()
    const client = cutover.client()
    const old = await client.identitySecrets.create({ name: 'A', platforms: web })
    const secret = await startRotation(client, old.id, 'run-1')
    expect(await startRotation(client, old.id, 'run-1')).toBe(secret)
    const userHash = createHmac('sha256', old.secret).update('u').digest('hex')
    await client.verifications.verify({ platform: 'web', userId: 'u', userHash, source: 'ios/4.2' })
    expect(await finishRotation(client, old.id)).toBe('still in use by ios/4.2')
    const unused = await client.identitySecrets.create({ name: 'B', platforms: web })
    expect(await finishRotation(client, unused.id)).toBe('done')
    expect(await overdueNames(client)).toEqual([])
  })

  it('replace the secret of an integrator, at Cutover', async () => {
    await using cutover = await startListening()
    const { key, secret } = await cutover.client().integrators.create({ name: 'Acme' })
    const stored: string[] = []
    const renewed = await regenerate({ baseUrl: cutover.baseUrl, key, secret }, async (made) => void stored.push(made))
    expect((await renewed.self()).sunset).toBe(null)
    expect(stored).toEqual([expect.stringMatching(/^ints_/)])
  })

  it('replace a secret at Intercom, and the same at Cutover', async () => {
    await using intercom = await DocumentedIntercom.start()
    await replaceAtIntercom(intercomSecrets({ baseUrl: intercom.baseUrl, token: intercomToken }), '102', async () => {})
    expect(intercom.requests.at(-1)).toBe('DELETE /secure_mode_secrets/102')
    await using cutover = await startListening()
    const { secureModeSecrets } = cutover.client()
    const { id } = await secureModeSecrets.create({ name: 'Old', supports_web: true })
    await replaceAtIntercom(secureModeSecrets, id, async () => {})
    expect((await secureModeSecrets.list()).data.map(({ name }) => name)).toEqual(['Production Web'])
  })
})

/** With the names that the text around it speaks of. */
async function run(program: string): Promise<[errors: string, code: number | null]> {
  const surroundings = `globalThis.baseUrl = 'https://cutover.example.com'; globalThis.token = 'cut_1'\n`
  const parameters = ['--conditions=cutover-source', '--input-type=module', '--eval', surroundings + program]
  const env = { ...process.env, CUTOVER_TOKEN: 'cut_1', INTERCOM_TOKEN: 'made up' }
  const child = spawn(process.execPath, parameters, {
    cwd: import.meta.dirname,
    env,
    stdio: ['ignore', 'ignore', 'pipe'],
  })
  const [errors, [code]] = await Promise.all([text(child.stderr), once(child, 'close')])
  return [errors, code]
}
