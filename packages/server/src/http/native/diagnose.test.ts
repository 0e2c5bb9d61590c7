import { randomBytes } from 'node:crypto'
import { findings, limits } from '@cutover/contract'
import { sql } from 'kysely'
import { describe, expect, it } from 'vitest'
import {
  createIntegrator,
  createSecret,
  deleteSecret,
  diagnose,
  type Made,
  prepareWorkspace,
  setTimes,
} from '../../../test/diagnosed-workspace.ts'
import { engines, type InProcess, startInProcess } from '../../../test/in-process.ts'
import { hmac, jwt, type WrongSignature, wrongSignatures } from '../../../test/wrong-signatures.ts'
import type { IdentitySecretId } from '../../identity-secrets/identity-secret.ts'
import { hintOf } from '../../verification/diagnosis/hint.ts'

const signedBy = ({ secret }: Made) => ({ userId: 'u', userHash: hmac(secret, 'u').digest('hex') })

/** The finding about a user id signed with this secret. */
async function findingOf(cutover: InProcess, made: Made): Promise<string> {
  return (await diagnose(cutover, signedBy(made))).json().finding
}

async function diagnosedEntries(cutover: InProcess) {
  await cutover.cutover.refusals.flush()
  const entries = await cutover.cutover.store.read.audit.page(cutover.workspaceId, 0, 1000)
  return entries.filter(({ action }) => action === 'verification.diagnosed')
}

async function expectFound(cutover: InProcess, wrong: WrongSignature, question: object): Promise<void> {
  const response = await diagnose(cutover, question)
  expect([wrong.title, response.statusCode, response.json()]).toEqual([
    wrong.title,
    200,
    { verified: wrong.finding === 'verified', finding: wrong.finding, hint: expect.stringMatching(wrong.hint ?? /./) },
  ])
}

describe.each(engines)('a diagnosis on %s', (engine) => {
  it('finds every mistake that was really made, and is verified exactly when a verification is', async () => {
    await using cutover = await startInProcess({ engine, environment: { CUTOVER_RATE_LIMIT_PER_MINUTE: '0' } })
    const workspace = await prepareWorkspace(cutover)
    for (const wrong of wrongSignatures) {
      const question = wrong.question(workspace, cutover.clock.nowMs / 1000)
      await expectFound(cutover, wrong, question)
      const payload = { platform: 'web', ...question, workspaceId: cutover.workspaceId }
      const verification = await cutover.call({ method: 'POST', url: '/v1/verifications', payload })
      expect([wrong.title, verification.json().verified]).toEqual([wrong.title, wrong.finding === 'verified'])
    }
  })

  it('stands in the audit log with its finding and the secret, without anything that was signed or named', async () => {
    await using cutover = await startInProcess({ engine, environment: { CUTOVER_RATE_LIMIT_PER_MINUTE: '0' } })
    const workspace = await prepareWorkspace(cutover)
    cutover.log.splice(0)
    const named: string[] = []
    const expected: object[] = []
    for (const wrong of wrongSignatures) {
      const question: Record<string, string> = { ...wrong.question(workspace, cutover.clock.nowMs / 1000) }
      await diagnose(cutover, question)
      const { userId, email, userHash, jwt: token, platform = 'web' } = question
      named.push(...[userId, email, userHash, token].flatMap((text) => (text && text.trim().length > 3 ? [text] : [])))
      const by = wrong.by === undefined ? null : workspace[wrong.by].id
      const isIntegrator = wrong.by === 'ofIntegrator'
      expected.push({
        resource: { type: isIntegrator ? 'integrator' : 'identity_secret', id: by },
        metadata: {
          platform,
          method: token === undefined ? 'userHash' : 'jwt',
          finding: wrong.finding,
          secretId: isIntegrator ? expect.stringMatching(/^\d+$/) : by,
        },
        result: 'success',
      })
    }
    const entries = await diagnosedEntries(cutover)
    expect(entries.map(({ resource, metadata, result }) => ({ resource, metadata, result }))).toEqual(expected)
    const recorded = [JSON.stringify(entries), ...cutover.log].join('\n')
    expect(named.length).toBeGreaterThan(60)
    for (const text of named) expect(recorded).not.toContain(JSON.stringify(text).slice(1, -1))
    expect(entries[0]).toMatchObject({ actor: { type: 'access_token' }, ip: '127.0.0.1' })
    expect(cutover.log).toHaveLength(wrongSignatures.length)
    expect(recorded).toContain(`"requestId":"${entries[0]?.requestId}"`)
  })

  it('tries the 20 secrets that ended last, deleted or expired, and none before them', async () => {
    await using cutover = await startInProcess({ engine, environment: { CUTOVER_RATE_LIMIT_PER_MINUTE: '0' } })
    const ended: Made[] = []
    for (let turn = 0; turn < 22; turn += 1) {
      cutover.clock.nowMs += 1000
      const made = await createSecret(cutover, 'web')
      if (turn % 2 === 0) await deleteSecret(cutover, made)
      else await setTimes(cutover, made, { expires_at: cutover.clock.nowMs })
      ended.push(made)
    }
    const found = await Promise.all(ended.map((made) => findingOf(cutover, made)))
    const tried = ended.slice(2).map((_, index) => (index % 2 === 0 ? 'secret_deleted' : 'secret_expired'))
    expect(found).toEqual(['no_active_secret', 'no_active_secret', ...tried])
  })

  it('tries a deleted secret until its material is destroyed', async () => {
    await using cutover = await startInProcess({ engine })
    const made = await createSecret(cutover, 'web')
    await deleteSecret(cutover, made)
    expect(await findingOf(cutover, made)).toBe('secret_deleted')
    const { nowMs } = cutover.clock
    const purged = { workspaceId: cutover.workspaceId, id: made.id as IdentitySecretId } // sound: it was issued
    await cutover.cutover.store.transaction((tx) =>
      tx.identitySecrets.purge(purged, { deletedUntilMs: nowMs, atMs: nowMs }),
    )
    expect(await findingOf(cutover, made)).toBe('no_active_secret')
  })

  it('tries every live secret, however many, and the secrets of the 100 newest integrators', async () => {
    const environment = { CUTOVER_RATE_LIMIT_PER_MINUTE: '0', CUTOVER_MAX_ACTIVE_SECRETS: '40' }
    await using cutover = await startInProcess({ engine, environment })
    const live: Made[] = []
    for (let turn = 0; turn < 40; turn += 1) live.push(await createSecret(cutover, 'ios'))
    const integrators: Made[] = []
    for (let turn = 0; turn < 101; turn += 1) integrators.push(await createIntegrator(cutover))
    for (const made of [...live.slice(0, 2), ...live.slice(-2)]) {
      expect(await findingOf(cutover, made)).toBe('wrong_platform')
    }
    const tried = [...integrators.slice(0, 2), ...integrators.slice(-1)]
    const found = await Promise.all(tried.map((made) => findingOf(cutover, made)))
    expect(found).toEqual(['no_active_secret', 'integrator_secret_used', 'integrator_secret_used'])
  })

  it('tries no secret of an integrator that was replaced or deleted', async () => {
    await using cutover = await startInProcess({ engine })
    const made = await createIntegrator(cutover)
    const headers = { 'x-integrator-key': made.key }
    const regenerated = await cutover.call({ method: 'POST', url: '/v1/integrator/regenerate-secret', headers })
    const current = { ...made, secret: regenerated.json().secret }
    expect(await findingOf(cutover, made)).toBe('no_active_secret')
    expect(await findingOf(cutover, current)).toBe('integrator_secret_used')
    await cutover.call({ method: 'DELETE', url: `/v1/integrators/${made.id}` })
    expect(await findingOf(cutover, current)).toBe('no_active_secret')
  })

  it('judges a disabled secret and an ending one by the moment, to the millisecond', async () => {
    await using cutover = await startInProcess({ engine })
    const startMs = cutover.clock.nowMs
    const made = await createSecret(cutover, 'web')
    await setTimes(cutover, made, { disabled_at: startMs, enable_at: startMs + 1000, expires_at: startMs + 2000 })
    const found: unknown[] = []
    for (const afterMs of [999, 1000, 1999, 2000]) {
      cutover.clock.nowMs = startMs + afterMs
      found.push(await findingOf(cutover, made))
    }
    expect(found).toEqual(['secret_disabled', 'verified', 'verified', 'secret_expired'])
  })

  it('is told only once it is on record', async () => {
    await using cutover = await startInProcess({ engine })
    const made = await createSecret(cutover, 'web')
    const { db } = cutover.cutover.opened
    await sql`alter table audit_log rename to elsewhere`.execute(db)
    const response = await diagnose(cutover, signedBy(made))
    expect(response.statusCode).toBe(503)
    expect(response.body).not.toContain('verified')
    await sql`alter table elsewhere rename to audit_log`.execute(db)
    expect(await findingOf(cutover, made)).toBe('verified')
  })

  it('is not told to a token that was revoked while it was made', async () => {
    await using cutover = await startInProcess({ engine })
    const made = await createSecret(cutover, 'web')
    expect(await findingOf(cutover, made)).toBe('verified')
    const { db } = cutover.cutover.opened
    // Behind the back of the node, so that it learns of it in the transaction of the entry.
    await db.updateTable('access_tokens').set({ revoked_at: cutover.clock.nowMs }).execute()
    const response = await diagnose(cutover, signedBy(made))
    expect([response.statusCode, response.json().code]).toEqual([401, 'unauthorized'])
  })

  it('keeps workspaces apart, and takes the one that the body names', async () => {
    await using cutover = await startInProcess({ engine })
    const other = await cutover.createWorkspace('Other')
    const theirs = await createSecret(cutover, 'web', { 'cutover-workspace': other })
    expect(await findingOf(cutover, theirs)).toBe('no_active_secret')
    const named = await diagnose(cutover, { ...signedBy(theirs), workspaceId: other })
    expect(named.json().finding).toBe('verified')
    expect((await diagnosedEntries(cutover)).length).toBe(1)
    const token = await cutover.createToken({ scopes: ['diagnose'], workspaceId: cutover.workspaceId })
    for (const workspaceId of [other, 'ws_00000000000000000000', 'x']) {
      const response = await diagnose(cutover, { ...signedBy(theirs), workspaceId }, { token })
      expect([response.statusCode, response.json().detail]).toEqual([404, 'There is no such workspace'])
    }
  })
})

describe('a diagnosis', () => {
  it('has each of its findings made by somebody', () => {
    const made = new Set(wrongSignatures.map(({ finding }) => finding))
    expect(findings.filter((finding) => !made.has(finding))).toEqual([])
  })

  it('counts as no verification: neither in the metrics nor as a use of the secret', async () => {
    await using cutover = await startInProcess()
    const made = await createSecret(cutover, 'web')
    const counted = async () => {
      const { body } = await cutover.call({ url: '/metrics' })
      return body.split('\n').filter((line) => line.startsWith('cutover_verifications_total'))
    }
    const before = await counted()
    expect(await findingOf(cutover, made)).toBe('verified')
    await diagnose(cutover, { userId: 'u', userHash: 'x', source: 'web/1' })
    expect(await counted()).toEqual(before)
    expect(before.every((line) => line.endsWith(' 0'))).toBe(true)
    const { db } = cutover.cutover.opened
    for (const table of ['secret_uses', 'usage_counts', 'usage_sources', 'verification_outcomes'] as const) {
      expect(await db.selectFrom(table).selectAll().execute()).toEqual([])
    }
  })

  it('needs its own scope, and who lacks it is on record', async () => {
    await using cutover = await startInProcess()
    const token = await cutover.createToken({
      scopes: ['verify', 'read_all', 'write_secure_mode_secret'],
      workspaceId: cutover.workspaceId,
    })
    const refused = await diagnose(cutover, { userId: 'u', userHash: 'x' }, { token })
    expect([refused.statusCode, refused.json().code]).toEqual([403, 'token_unauthorized'])
    const [entry] = await diagnosedEntries(cutover)
    expect(entry).toMatchObject({ result: 'failure', metadata: { code: 'scope_missing', count: 1 } })
    const alone = await cutover.createToken({ scopes: ['diagnose'], workspaceId: cutover.workspaceId })
    expect((await diagnose(cutover, { userId: 'u', userHash: 'x' }, { token: alone })).statusCode).toBe(200)
    const url = '/v1/verifications'
    const verification = await cutover.call({ method: 'POST', url, payload: { platform: 'web' }, token: alone })
    expect(verification.statusCode).toBe(403)
  })

  it('counts toward the rate limit of its token', async () => {
    await using cutover = await startInProcess({ environment: { CUTOVER_RATE_LIMIT_PER_MINUTE: '18' } })
    const token = await cutover.createToken({ scopes: ['diagnose', 'verify'], workspaceId: cutover.workspaceId })
    const answers: unknown[] = []
    for (let turn = 0; turn < 4; turn += 1) {
      const { statusCode, headers } = await diagnose(cutover, { userId: 'u', userHash: 'x' }, { token })
      answers.push([statusCode, headers['x-ratelimit-remaining']])
    }
    expect(answers).toEqual([
      [200, '2'],
      [200, '1'],
      [200, '0'],
      [429, '0'],
    ])
    const payload = { platform: 'web' }
    expect((await cutover.call({ method: 'POST', url: '/v1/verifications', payload, token })).statusCode).toBe(200)
  })

  it.each<[string, object, string]>([
    ['in which nothing is signed', { userId: 'u' }, 'userHash or jwt is required'],
    ['in which nobody is named', { userHash: 'a' }, 'userId or email is required with userHash'],
    [
      'with both a hash and a JWT',
      { userId: 'u', userHash: 'a', jwt: 'b' },
      'jwt must not be given together with userHash',
    ],
    ['with an unknown field', { userId: 'u', userHash: 'a', secret: 'b' }, 'secret is not a known field'],
    ['with a lone surrogate', { userId: '\udc00', userHash: 'a' }, 'userId must be well-formed Unicode'],
    [
      'with a hash over 8 KiB',
      { userId: 'u', userHash: 'a'.repeat(limits.diagnosedHashLength + 1) },
      'userHash must have at most 8192 characters',
    ],
  ])('is refused of a question %s', async (_title, question, message) => {
    await using cutover = await startInProcess()
    const response = await diagnose(cutover, question)
    expect([response.statusCode, response.json().errors.map((error: { message: string }) => error.message)]).toEqual([
      422,
      [message],
    ])
  })

  it('takes a hash of 8 KiB, and a JWT over 8 KiB for a malformed one', async () => {
    await using cutover = await startInProcess()
    const made = await createSecret(cutover, 'web')
    const long = await diagnose(cutover, { userId: 'u', userHash: 'a'.repeat(limits.diagnosedHashLength) })
    expect(long.json().finding).toBe('unknown')
    const filler = randomBytes(limits.jwtBytes).toString('hex')
    const token = await diagnose(cutover, { jwt: jwt(made.secret, { user_id: 'u', filler }) })
    expect(token.json().finding).toBe('jwt_malformed')
  })

  it('says in each hint what to do, in at most three sentences, and shows nothing that was sent', () => {
    for (const finding of findings) {
      const hint = hintOf({ finding, note: null, candidate: null }, 'ios', 'userHash')
      expect(hint.split(/[.:] /).length).toBeLessThanOrEqual(4)
      expect(hint).toMatch(/^[A-Z][^\n]{30,400}\.$/)
    }
  })

  it('is answered to many at once', async () => {
    await using cutover = await startInProcess()
    const made = await createSecret(cutover, 'web')
    const found = await Promise.all(Array.from({ length: 50 }, () => findingOf(cutover, made)))
    expect(found).toEqual(Array.from({ length: 50 }, () => 'verified'))
  })
})
