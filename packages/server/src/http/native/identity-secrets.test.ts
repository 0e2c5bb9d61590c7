import type { Scope } from '@cutover/contract'
import { describe, expect, it } from 'vitest'
import { everywhere, expectProblem, IdentitySecrets, isoTime } from '../../../test/identity-secrets.ts'
import { engines, type InProcess, startInProcess } from '../../../test/in-process.ts'

const day = 86_400_000

function post(payload: object, headers: Record<string, string> = {}) {
  return { method: 'POST', url: '/v1/identity-secrets', payload, headers } as const
}

describe.each(engines)('an identity secret on %s', (engine) => {
  it('is made with 32 random bytes, shown once, and verifies on its platforms alone', async () => {
    await using cutover = await startInProcess({ engine })
    const secrets = new IdentitySecrets(cutover)
    const response = await cutover.call(post({ name: ' Spring ', platforms: { web: true, ios: false } }))
    expect([response.statusCode, response.headers['cache-control']]).toEqual([201, 'no-store'])
    expect(response.headers['cutover-revocation-epoch']).toMatch(/^[1-9][0-9]*$/)
    const { secret, ...shown } = response.json()
    expect(secret).toMatch(/^[A-Za-z0-9_-]{43}$/)
    expect(shown).toEqual({
      id: shown.id,
      name: 'Spring',
      platforms: { web: true, ios: false, android: false },
      state: 'active',
      fingerprint: expect.stringMatching(/^sha256:[0-9a-f]{16}$/),
      createdAt: isoTime(cutover.clock.nowMs),
      createdBy: expect.stringMatching(/^tok_/),
      disabledAt: null,
      enableAt: null,
      expiresAt: null,
      deletedAt: null,
      deletedBy: null,
      purgeAt: null,
      ageDays: 0,
      rotationDueAt: null,
      lastVerifiedAt: null,
      successorId: null,
    })
    expect(await secrets.read(shown.id)).toEqual(shown)
    expect([await secrets.verifies(secret), await secrets.verifies(secret, 'ios')]).toEqual([true, false])
    expect(await secrets.entries(shown.id)).toMatchObject([
      {
        action: 'identity_secret.created',
        result: 'success',
        metadata: { name: 'Spring', fingerprint: shown.fingerprint },
      },
    ])
  })

  it('is imported: what customers sign with already verifies, and is shown in that one answer only', async () => {
    await using cutover = await startInProcess({ engine })
    const secrets = new IdentitySecrets(cutover)
    // Longer than a block of SHA-256: HMAC hashes such a key first.
    const mine = `${'~ printable ASCII !'.repeat(5)}12345`
    expect(mine).toHaveLength(100)
    const created = await secrets.create({ secret: mine })
    expect(created.secret).toBe(mine)
    expect(await secrets.verifiesWarmAndCold(mine)).toEqual([true, true])
    expect((await secrets.entries(created.id)).map(({ action }) => action)).toEqual(['identity_secret.imported'])
    const elsewhere = [await secrets.read(created.id), await secrets.list('?state=all'), cutover.log]
    const kept = await cutover.cutover.opened.db.selectFrom('signing_secrets').selectAll().execute()
    const told = [...elsewhere, kept, await secrets.entries(created.id)].map((each) => JSON.stringify(each)).join()
    expect(told).not.toContain('printable ASCII')
  })

  it('with the same Idempotency-Key is made once, and the same answer comes again byte for byte', async () => {
    await using cutover = await startInProcess({ engine })
    const request = post(
      { name: 'a', platforms: { web: true }, secret: 'imported secret 1' },
      { 'idempotency-key': 'k' },
    )
    const [first, again] = [await cutover.call(request), await cutover.call(request)]
    expect([again.statusCode, again.body]).toEqual([201, first.body])
    expect((await new IdentitySecrets(cutover).list()).data).toHaveLength(1)
    await new IdentitySecrets(cutover).delete(first.json().id)
    expectProblem(
      await cutover.call(request),
      409,
      'idempotency_conflict',
      'The answer was destroyed together with its secret',
    )
  })

  it('is not imported while the workspace has it already: a delete of one would leave the other', async () => {
    await using cutover = await startInProcess({ engine })
    const secrets = new IdentitySecrets(cutover)
    const secret = 'the one that customers sign with'
    const { id } = await secrets.create({ secret })
    const again = post({ name: 'b', platforms: everywhere, secret })
    const refusal = `The workspace has this secret already: its id is ${id}`
    expectProblem(await cutover.call(again), 409, 'invalid_state', refusal)

    await secrets.delete(id)
    expect(await secrets.verifies(secret)).toBe(false)
    const second = await secrets.create({ secret })
    expectProblem(
      await secrets.act(id, 'restore'),
      409,
      'invalid_state',
      `The workspace has this secret already: its id is ${second.id}`,
    )
    const other = await cutover.createWorkspace('Other')
    const elsewhere = await cutover.call({ ...again, headers: { 'cutover-workspace': other } })
    expect(elsewhere.statusCode).toBe(201)
  })

  it('is in the list of live ones until it ends or is deleted, and in the list of all ever after', async () => {
    await using cutover = await startInProcess({ engine })
    const secrets = new IdentitySecrets(cutover)
    const made = [await secrets.create(), await secrets.create(), await secrets.create(), await secrets.create()]
    const [active, disabled, retired, deleted] = made.map(({ id }) => id) as [string, string, string, string]
    await secrets.after(disabled, 'disable')
    await secrets.after(retired, 'retire', { afterSeconds: 60 })
    await secrets.delete(deleted)
    const states = async (query: string) => (await secrets.list(query)).data.map(({ id, state }) => [id, state])
    const live = [
      [active, 'active'],
      [disabled, 'disabled'],
    ]
    expect(await states('')).toEqual([...live, [retired, 'retiring']])
    cutover.clock.nowMs += 60_000
    expect(await states('?state=live')).toEqual(live)
    expect(await states('?state=all')).toEqual([...live, [retired, 'expired'], [deleted, 'deleted']])
    const foreign = await cutover.createWorkspace('Other')
    const headers = { 'cutover-workspace': foreign }
    expect((await cutover.call({ url: '/v1/identity-secrets?state=all', headers })).json().data).toEqual([])
  })

  it('is listed oldest first in pages that miss none and repeat none, deleted ones or not', async () => {
    await using cutover = await startInProcess({ engine })
    const secrets = new IdentitySecrets(cutover)
    const ids: string[] = []
    for (let made = 0; made < 5; made += 1) ids.push((await secrets.create()).id)
    await secrets.delete(ids[2] ?? '')
    const pages: string[][] = []
    let cursor = ''
    do {
      const { data, nextCursor } = await secrets.list(`?state=all&limit=2${cursor}`)
      pages.push(data.map(({ id }) => id))
      cursor = nextCursor === null ? '' : `&cursor=${nextCursor}`
    } while (cursor !== '')
    expect(pages).toEqual([ids.slice(0, 2), ids.slice(2, 4), ids.slice(4)])
    expect((await secrets.list('?limit=2')).data.map(({ id }) => id)).toEqual(ids.slice(0, 2))
    expect((await secrets.list(`?limit=4&cursor=${ids[1]}`)).data.map(({ id }) => id)).toEqual(ids.slice(3))
  })

  it('that was deleted is still read, with who deleted it, when, and when its material goes', async () => {
    await using cutover = await startInProcess({ engine })
    const secrets = new IdentitySecrets(cutover)
    const created = await secrets.create()
    cutover.clock.nowMs += 3 * day
    await secrets.delete(created.id)
    const deletedAtMs = cutover.clock.nowMs
    cutover.clock.nowMs += 100 * day
    expect(await secrets.read(created.id)).toMatchObject({
      id: created.id,
      name: 'Spring',
      state: 'deleted',
      deletedAt: isoTime(deletedAtMs),
      deletedBy: created.createdBy,
      purgeAt: isoTime(deletedAtMs + 7 * day),
      ageDays: 103,
    })
  })

  it('is renamed, and its platforms are merged: one taken away is refused at once, one added accepted', async () => {
    await using cutover = await startInProcess({ engine })
    const secrets = new IdentitySecrets(cutover)
    const { id, secret } = await secrets.create({ platforms: { web: true, ios: true } })
    expect([await secrets.verifies(secret, 'ios'), await secrets.verifies(secret, 'android')]).toEqual([true, false])
    const edited = await secrets.edit(id, { platforms: { ios: false, android: true } })
    expect(edited.json().platforms).toEqual({ web: true, ios: false, android: true })
    expect(Number(edited.headers['cutover-revocation-epoch'])).toBeGreaterThan(0)
    const now = await Promise.all((['web', 'ios', 'android'] as const).map((each) => secrets.verifies(secret, each)))
    expect(now).toEqual([true, false, true])
    const renamed = await secrets.edit(id, { name: ' Summer ' })
    expect([renamed.json().name, renamed.json().platforms]).toEqual(['Summer', edited.json().platforms])
    expect((await secrets.entries(id)).slice(1)).toMatchObject([
      {
        action: 'identity_secret.edited',
        metadata: {
          from: { name: 'Spring', platforms: { ios: true } },
          to: { name: 'Spring', platforms: { ios: false } },
        },
      },
      { action: 'identity_secret.edited', metadata: { from: { name: 'Spring' }, to: { name: 'Summer' } } },
    ])
  })

  it('keeps at least one platform', async () => {
    await using cutover = await startInProcess({ engine })
    const secrets = new IdentitySecrets(cutover)
    const { id, secret } = await secrets.create({ platforms: { web: true } })
    const refused = await secrets.edit(id, { platforms: { web: false } })
    const message = 'platforms must have at least one that is true'
    expectProblem(refused, 422, 'validation_failed', message)
    expect(refused.json().errors).toEqual([{ field: 'platforms', message }])
    expect(await secrets.verifies(secret)).toBe(true)
    expectProblem(await cutover.call(post({ name: 'a', platforms: { ios: false } })), 422, 'validation_failed', message)
  })

  it('is in the compatible dialect what it is in the native one, without a field more than that has', async () => {
    await using cutover = await startInProcess({ engine })
    const secrets = new IdentitySecrets(cutover)
    const made = [await secrets.create(), await secrets.create(), await secrets.create(), await secrets.create()]
    const [active, disabled, expired, deleted] = made.map(({ id }) => id) as [string, string, string, string]
    await secrets.after(disabled, 'disable')
    await secrets.after(expired, 'retire', { afterSeconds: 0 })
    await secrets.delete(deleted)
    const { data } = (await cutover.call({ url: '/secure_mode_secrets' })).json()
    expect(data).toEqual(
      [active, disabled, expired].map((id) => ({
        type: 'identity_verification_secret',
        id,
        name: 'Spring',
        supports_web: true,
        supports_ios: true,
        supports_android: true,
        created_at: Math.floor(cutover.clock.nowMs / 1000),
      })),
    )
  })
})

describe('a request about identity secrets', () => {
  const fine = { name: 'a', platforms: { web: true } }

  it.each<[string, object, string]>([
    ['an import of 15 characters', { ...fine, secret: 'x'.repeat(15) }, 'secret must have at least 16 characters'],
    ['an import of 129 characters', { ...fine, secret: 'x'.repeat(129) }, 'secret must have at most 128 characters'],
    ['an import that is not ASCII', { ...fine, secret: 'é'.repeat(20) }, 'secret is not valid'],
    ['an import with a newline at its end', { ...fine, secret: `${'x'.repeat(20)}\n` }, 'secret is not valid'],
    ['an import that is null', { ...fine, secret: null }, 'secret must be a string'],
    ['an unknown field', { ...fine, supports_web: true }, 'supports_web is not a known field'],
    ['an unknown platform', { name: 'a', platforms: { tv: true } }, 'platforms.tv is not a known field'],
    ['a platform that is text', { name: 'a', platforms: { web: 'true' } }, 'platforms.web must be a boolean'],
    ['no platforms', { name: 'a' }, 'platforms is required'],
    ['a blank name', { ...fine, name: '  ' }, 'name is required'],
  ])('is refused with %s, and nothing is made', async (_title, payload, detail) => {
    await using cutover = await startInProcess()
    const response = await cutover.call(post(payload))
    expectProblem(response, 422, 'validation_failed', detail)
    expect(response.body).not.toContain('xxx')
    expect((await new IdentitySecrets(cutover).list('?state=all')).data).toEqual([])
  })

  it.each(['x'.repeat(16), '!'.repeat(128), ' '.repeat(16)])(
    'takes an import of printable ASCII: %j',
    async (secret) => {
      await using cutover = await startInProcess()
      const secrets = new IdentitySecrets(cutover)
      expect((await secrets.create({ secret })).secret).toBe(secret)
      expect(await secrets.verifies(secret)).toBe(true)
    },
  )

  it.each(['?state=dead', '?overdue=yes', '?limit=0', '?cursor=x', '?sort=name'])(
    'is refused with %s',
    async (query) => {
      await using cutover = await startInProcess()
      const response = await cutover.call({ url: `/v1/identity-secrets${query}` })
      expect([response.statusCode, response.json().code]).toEqual([422, 'validation_failed'])
    },
  )

  it('is refused past the limit of live secrets: disabled and retiring ones count, expired and deleted ones do not', async () => {
    await using cutover = await startInProcess({ environment: { CUTOVER_MAX_ACTIVE_SECRETS: '3' } })
    const secrets = new IdentitySecrets(cutover)
    const [first, second, third] = [await secrets.create(), await secrets.create(), await secrets.create()]
    await secrets.after(first.id, 'disable')
    await secrets.after(second.id, 'retire', { afterSeconds: 60 })
    const full = ['limit_reached', 'At most 3 live secrets are allowed'] as const
    expectProblem(await cutover.call(post(fine)), 422, ...full)
    await secrets.delete(third.id)
    await secrets.create()
    expectProblem(await secrets.act(third.id, 'restore'), 422, ...full)
    cutover.clock.nowMs += 60_000
    await secrets.after(third.id, 'restore')
    expectProblem(await cutover.call(post(fine)), 422, ...full)
  })

  it('needs the scope to read for reading and the scope to write for everything else', async () => {
    await using cutover = await startInProcess()
    const { id } = await new IdentitySecrets(cutover).create()
    const { workspaceId } = cutover
    const token = (scope: Scope) => cutover.createToken({ scopes: [scope], workspaceId })
    const [reader, writer] = [await token('read_secure_mode_secret'), await token('write_secure_mode_secret')]
    const url = `/v1/identity-secrets/${id}`
    const reads = [{ url: '/v1/identity-secrets' }, { url }]
    const action = (name: string, payload?: object) =>
      ({ method: 'POST', url: `${url}/${name}`, ...(payload ? { payload } : {}) }) as const
    const writes = [
      { method: 'PATCH', url, payload: { name: 'b' } } as const,
      action('disable', {}),
      action('enable'),
      action('retire', { afterSeconds: 60 }),
      action('cancel-retirement'),
      action('rotate', {}),
      { method: 'DELETE', url } as const,
      action('restore'),
      post({ name: 'a', platforms: everywhere }),
    ]
    const statuses = async (tokenOf: string, requests: readonly Parameters<InProcess['call']>[0][]) => {
      const answered: number[] = []
      for (const request of requests) answered.push((await cutover.call({ ...request, token: tokenOf })).statusCode)
      return answered
    }
    expect(await statuses(reader, reads)).toEqual([200, 200])
    expect(await statuses(reader, writes)).toEqual(writes.map(() => 403))
    expect(await statuses(writer, reads)).toEqual([403, 403])
    expect(await statuses(writer, writes)).toEqual([200, 200, 200, 200, 200, 201, 204, 200, 201])
  })
})
