import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { signRequest } from '@cutover/signing'
import { describe, expect, it } from 'vitest'
import { type Answer, type Caller, userHash } from './caller.ts'
import { createInstallation, engines } from './installation.ts'
import { ownPath, regeneratePath } from './integrators.ts'

function occurrences(text: string, needle: string): number {
  return text.split(needle).length - 1
}

function textOf({ status, headers, text }: Answer): string {
  return [status, ...[...headers].map((header) => header.join(': ')), text].join('\n')
}

/** The pieces of base64 that are the same whatever stands before and after `bytes`. */
function base64Pieces(bytes: Buffer): string[] {
  return [0, 1, 2].map((offset) => {
    const padded = Buffer.concat([Buffer.alloc(offset), bytes])
    const whole = padded.toString('base64').replace(/=+$/, '')
    return whole.slice(offset === 0 ? 0 : 4, whole.length - 4)
  })
}

/** The string, and every spelling that some layer could have made of it, or of the bytes it stands for. */
function otherForms(secret: string): string[] {
  const forms = [Buffer.from(secret, 'latin1'), Buffer.from(secret, 'base64url')].flatMap((bytes) => [
    bytes.toString('hex'),
    bytes.toString('hex').toUpperCase(),
    ...base64Pieces(bytes),
    ...base64Pieces(bytes).map((piece) => piece.replaceAll('+', '-').replaceAll('/', '_')),
    [...bytes].join(','),
    [...bytes].join(', '),
  ])
  const raw = Buffer.from(secret, 'base64url').toString('latin1')
  // Three of four base64 pieces of the decoded bytes are parts of the secret itself, which the caller counts.
  return [raw, encodeURIComponent(raw), ...forms].filter((form) => !secret.includes(form))
}

/** Twelve characters of a secret in a log line are a leak as well. */
function pieces(secret: string): string[] {
  return Array.from({ length: secret.length - 11 }, (_, start) => secret.slice(start, start + 12))
}

/** Everything a caller can ask that is not the create itself, good and bad. */
async function askEverything(caller: Caller, { id, secret }: { id: string; secret: string }): Promise<number[]> {
  const userId = 'user_1'
  const right = { platform: 'web', userId, userHash: userHash(secret, userId) }
  const wrong = { ...right, userHash: userHash('another', userId) }
  const answers = [
    await caller.call('GET', '/secure_mode_secrets'),
    await caller.call('HEAD', '/secure_mode_secrets'),
    await caller.call('POST', '/secure_mode_secrets', { body: { name: '', supports_web: 'yes' } }),
    await caller.call('POST', '/secure_mode_secrets', { body: '{"name":' }),
    await caller.call('POST', '/secure_mode_secrets', { body: { name: 'Again' }, token: null }),
    await caller.call('POST', '/v1/verifications', { body: right }),
    await caller.call('POST', '/v1/verifications', { body: wrong }),
    await caller.call('POST', '/v1/verifications/batch', { body: { items: [right, wrong, { platform: 'tv' }] } }),
    await caller.call('POST', '/v1/verifications', { body: { ...right, extra: 1 } }),
    await caller.call('GET', '/health'),
    await caller.call('GET', '/livez'),
    await caller.call('GET', '/readyz'),
    await caller.call('GET', '/metrics'),
    await caller.call('GET', '/openapi.json'),
    await caller.call('GET', '/docs/json'),
    await caller.call('GET', `/secure_mode_secrets/${id}`),
    await caller.call('OPTIONS', '/secure_mode_secrets'),
    await caller.call('DELETE', '/secure_mode_secrets/999'),
  ]
  return answers.map(({ status }) => status)
}

/** As an integrator that signs what it asks. */
function callSigned(caller: Caller, by: { key: string; secret: string }, method: string, path: string, body?: string) {
  const headers = signRequest(by, { method, path, body })
  return caller.call(method, path, { token: null, headers, ...(body === undefined ? {} : { body }) })
}

const statuses = [200, 200, 422, 400, 401, 200, 200, 200, 422, 200, 200, 200, 200, 200, 200, 404, 204, 404]

describe.each(engines)('everything the process emits and stores, on %s', (engine) => {
  it('shows the secret of a create in the one answer to it, its idempotent replay aside', async () => {
    const installation = await createInstallation(engine)
    const first = await installation.start({ CUTOVER_LOG_LEVEL: 'debug' })
    const plain = await first.caller.create('Canary')
    const kept = await first.caller.create('Kept canary', { idempotencyKey: 'canary' })
    const replay = await first.caller.post('Kept canary', { idempotencyKey: 'canary' })
    expect(JSON.parse(replay.text)).toEqual(kept)
    expect((await first.caller.post('Other', { idempotencyKey: 'canary' })).status).toBe(422)
    expect(await askEverything(first.caller, plain)).toEqual(statuses)
    expect(await askEverything(first.caller, kept)).toEqual(statuses)
    const storedWhileRunning = await installation.storedText()
    expect((await first.caller.delete(kept.id)).status).toBe(204)
    expect((await first.caller.post('Kept canary', { idempotencyKey: 'canary' })).status).toBe(409)
    const storedAfterDelete = await installation.storedText()
    await first.kill('SIGTERM')

    const second = await installation.start({ CUTOVER_LOG_LEVEL: 'debug' })
    expect(await askEverything(second.caller, plain)).toEqual(statuses)
    await second.kill('SIGTERM')
    const answers = [...first.caller.answers, ...second.caller.answers].map(textOf)
    const logs = [first.stdout, first.stderr, second.stdout, second.stderr]
    const stored = [storedWhileRunning, storedAfterDelete, await installation.storedText()]
    const everything = [...answers, ...logs, ...stored].join('\n')

    expect(occurrences(everything, plain.secret)).toBe(1)
    expect(occurrences(everything, kept.secret)).toBe(2)
    for (const { secret } of [plain, kept]) {
      for (const form of otherForms(secret)) expect(occurrences(everything, form), form).toBe(0)
      const shownIn = answers.filter((answer) => answer.includes(secret))
      const elsewhere = everything.replaceAll(secret, '')
      for (const piece of pieces(secret)) expect(elsewhere.includes(piece), piece).toBe(false)
      for (const answer of shownIn) expect(answer).toMatch(/^201\n(.*\n)*cache-control: no-store\n/)
    }
  })

  it('shows each secret of an integrator in the one answer that gave it, its idempotent replay aside', async () => {
    const installation = await createInstallation(engine)
    const first = await installation.start({ CUTOVER_LOG_LEVEL: 'debug', CUTOVER_AUDIT_STDOUT: 'true' })
    const { caller } = first
    const created = JSON.parse((await caller.call('POST', '/v1/integrators', { body: { name: 'Canary' } })).text)
    const body = '{"oldSecretValidForSeconds":60}'
    const regenerated = await callSigned(caller, created, 'POST', regeneratePath, body)
    const young = { ...JSON.parse(regenerated.text), key: created.key }
    const headers = { 'x-integrator-key': created.key, 'idempotency-key': 'canary' }
    const recovered = await caller.call('POST', regeneratePath, { body, headers })
    const replay = await caller.call('POST', regeneratePath, { body, headers })
    expect([recovered.status, replay.text]).toEqual([200, recovered.text])
    const last = { ...JSON.parse(recovered.text), key: created.key }
    const statuses = [
      await callSigned(caller, created, 'GET', ownPath),
      await callSigned(caller, young, 'POST', regeneratePath, body),
      await callSigned(caller, last, 'POST', regeneratePath, '{"oldSecretValidForSeconds":"x"}'),
      await callSigned(caller, { ...last, secret: 'ints_another' }, 'GET', ownPath),
      await caller.call('GET', '/v1/integrators'),
      await caller.call('GET', `/v1/integrators/${created.id}`),
      await caller.call('GET', '/v1/audit-log/export'),
      await caller.call('GET', '/metrics'),
    ].map(({ status }) => status)
    expect(statuses).toEqual([200, 409, 422, 401, 200, 200, 200, 200])
    const storedWhileRunning = await installation.storedText()
    expect((await caller.call('DELETE', `/v1/integrators/${created.id}`)).status).toBe(204)
    expect((await caller.call('POST', regeneratePath, { body, headers })).status).toBe(409)
    await first.kill('SIGTERM')

    const answers = caller.answers.map(textOf)
    const stored = [storedWhileRunning, await installation.storedText()]
    const everything = [...answers, first.stdout, first.stderr, ...stored].join('\n')
    for (const [secret, times] of [
      [created.secret, 1],
      [young.secret, 1],
      [last.secret, 2],
    ] as const) {
      expect(occurrences(everything, secret)).toBe(times)
      for (const form of otherForms(secret)) expect(occurrences(everything, form), form).toBe(0)
      const elsewhere = everything.replaceAll(secret, '')
      for (const piece of pieces(secret)) expect(elsewhere.includes(piece), piece).toBe(false)
      for (const answer of answers.filter((each) => each.includes(secret))) {
        expect(answer).toMatch(/^20[01]\n(.*\n)*cache-control: no-store\n/)
      }
    }
  })

  it('shows the key to a session in the one cookie that gave it, and the token of a sign-in nowhere', async () => {
    const installation = await createInstallation(engine)
    const first = await installation.start({ CUTOVER_LOG_LEVEL: 'debug', CUTOVER_AUDIT_STDOUT: 'true' })
    const { caller, address } = first
    const made = await caller.call('POST', '/v1/access-tokens', { body: { name: 'Canary', preset: 'staging' } })
    const { token } = JSON.parse(made.text)
    caller.answers.splice(0)
    const headers = { origin: address }
    const signIn = await caller.call('POST', '/v1/sessions', { body: { token }, headers, token: null })
    const cookie = String(signIn.headers.get('set-cookie')).split(';', 1)[0] ?? ''
    const key = cookie.split('=')[1] ?? ''
    const withCookie = { token: null, headers: { cookie, origin: address } }
    const broken = { ...withCookie, headers: { ...withCookie.headers, cookie: `${cookie}!` } }
    const statuses = [
      await caller.call('GET', '/health', withCookie),
      await caller.call('POST', '/v1/identity-secrets', { ...withCookie, body: { name: '' } }),
      await caller.call('POST', '/v1/sessions', { body: { token: `${token}!` }, headers, token: null }),
      await caller.call('POST', '/v1/sessions', { body: { token, extra: token }, headers, token: null }),
      await caller.call('POST', '/v1/sessions', { body: `{"token":"${token}"`, headers, token: null }),
      await caller.call('POST', '/v1/sessions', { body: { token }, token: null }),
      await caller.call('GET', '/health', broken),
      await caller.call('DELETE', '/v1/sessions', { token: null, headers: { cookie } }),
      await caller.call('GET', '/v1/audit-log/export'),
      await caller.call('GET', '/metrics'),
    ].map(({ status }) => status)
    expect(statuses).toEqual([200, 422, 401, 422, 400, 403, 401, 403, 200, 200])
    const storedWhileRunning = await installation.storedText()
    expect((await caller.call('DELETE', '/v1/sessions', withCookie)).status).toBe(204)
    expect((await caller.call('GET', '/health', withCookie)).status).toBe(401)
    await first.kill('SIGTERM')

    const stored = [storedWhileRunning, await installation.storedText()]
    const everything = [...caller.answers.map(textOf), first.stdout, first.stderr, ...stored].join('\n')
    expect(occurrences(everything, key)).toBe(1)
    expect(textOf(signIn)).toMatch(/^201\n(.*\n)*cache-control: no-store\n/)
    const elsewhere = everything.replace(key, '')
    for (const secret of [key, token]) {
      for (const form of otherForms(secret)) expect(everything.includes(form), form).toBe(false)
      for (const piece of pieces(secret)) expect(elsewhere.includes(piece), piece).toBe(false)
    }
  })

  it("shows the token in the first start's announcement and the master key in its file alone", async () => {
    const installation = await createInstallation(engine)
    const first = await installation.start({ CUTOVER_LOG_LEVEL: 'debug' })
    const plain = await first.caller.create('Canary')
    expect(await askEverything(first.caller, plain)).toEqual(statuses)
    const garbled = `${installation.token.slice(0, -1)}!`
    expect((await first.caller.call('GET', '/health', { token: garbled })).status).toBe(401)
    const stored = await installation.storedText()
    await first.kill('SIGTERM')
    const keys = JSON.parse(await readFile(join(installation.dataDirectory, 'master-keys.json'), 'utf8')).keys
    const masterKey: string = keys[0].k
    const everything = [...first.caller.answers.map(textOf), first.stdout, first.stderr, stored].join('\n')

    expect(occurrences(first.stdout, installation.token)).toBe(1)
    const withoutAnnouncement = everything.replace(installation.token, '')
    for (const piece of pieces(installation.token)) expect(withoutAnnouncement.includes(piece), piece).toBe(false)
    for (const piece of pieces(masterKey)) expect(everything.includes(piece), piece).toBe(false)
    for (const form of [...otherForms(masterKey), ...otherForms(installation.token)]) {
      expect(everything.includes(form), form).toBe(false)
    }
  })
})
