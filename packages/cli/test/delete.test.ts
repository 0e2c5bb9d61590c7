import type { IdentitySecret } from '@cutover/contract'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { userHash } from '../../server/test/caller.ts'
import { Served } from './served.ts'

let served: Served
beforeAll(async () => {
  served = await Served.start()
})
afterAll(() => served.end())

async function stateOf(id: string): Promise<IdentitySecret['state']> {
  const { text } = await served.caller.call('GET', `/v1/identity-secrets/${id}`)
  return JSON.parse(text).state
}

describe('secrets delete', () => {
  it('deletes nothing that is in use, and says who uses it', async () => {
    const { id, secret } = await served.makeSecret('used')
    expect((await served.caller.verify(secret)).verified).toBe(true)
    const refused = await served.run(['secrets', 'delete', id])
    expect([refused.code, refused.stdout]).toEqual([3, ''])
    expect(refused.stderr).toMatch(/^WHO STILL USES IT +USES +LAST\n\(without a source\) +1 /)
    expect(refused.stderr).toMatch(
      new RegExp(`^error: Secret ${id} is in use\\. It verified something \\d+ seconds ago`, 'm'),
    )
    const asJson = await served.run(['secrets', 'delete', id, '--json'])
    expect(JSON.parse(asJson.stderr).error).toMatchObject({
      code: 'secret_in_use',
      hint: expect.stringContaining('--force'),
    })
    expect(await stateOf(id)).toBe('active')
  })

  it('shows a source that callers made up on the line that it is on, without what it would do to a terminal', async () => {
    const { id, secret } = await served.makeSecret('probed')
    const body = { platform: 'web', userId: 'u', userHash: userHash(secret, 'u'), source: '\u001b[31mred\u202e\u2028x' }
    await served.caller.call('POST', '/v1/verifications', { body })
    const { code, stderr } = await served.run(['secrets', 'delete', id])
    expect([code, stderr.trimEnd().split(/[\n\u2028]/).length]).toEqual([3, 4])
    expect(stderr).not.toMatch(/[^\P{C}\n]/u)
    expect((await served.run(['secrets', 'show', id])).stdout).not.toMatch(/[^\P{C}\n]/u)
  })

  it('deletes nothing of which it is not known whether it is in use', async () => {
    const { id } = await served.makeSecret('new')
    const { code, stderr } = await served.run(['secrets', 'delete', id, '--yes'])
    expect([code, stderr]).toEqual([3, expect.stringContaining(`Secret ${id} is not known to be unused.`)])
    expect(await stateOf(id)).toBe('active')
  })

  it('deletes what is quiet while another one verifies in its place, without anybody to be asked', async () => {
    const old = await served.makeSecret('old')
    const successor = await served.makeSecret('successor')
    await served.caller.verify(old.secret)
    const isSafe = async () => {
      await served.caller.verify(successor.secret)
      const { text } = await served.caller.call('GET', `/v1/identity-secrets/${old.id}/cutover?quietSeconds=4`)
      return JSON.parse(text).verdict
    }
    await expect.poll(isSafe, { timeout: 60_000, interval: 300 }).toBe('safe')
    // The successor has to be in use just when the command asks, however long that takes to start.
    const inUse = setInterval(() => served.caller.verify(successor.secret), 300)
    const { code, stdout } = await served
      .run(['secrets', 'delete', old.id, '--if-quiet-for', '4'])
      .finally(() => clearInterval(inUse))
    expect([code, stdout]).toEqual([
      0,
      expect.stringMatching(/^Deleted "old" \(id \d+\)\. No node accepts it any more: revocation epoch [1-9]\d*\.\n$/),
    ])
    expect((await served.caller.verify(old.secret)).verified).toBe(false)
  })

  it('deletes whatever the verdict is with --force, once somebody said so', async () => {
    const { id, secret } = await served.makeSecret('forced')
    await served.caller.verify(secret)
    const unasked = await served.run(['secrets', 'delete', id, '--force'])
    expect([unasked.code, unasked.stderr]).toEqual([3, expect.stringContaining('Nobody is there to be asked')])
    expect(await stateOf(id)).toBe('active')
    const deleted = await served.json(['secrets', 'delete', id, '--force', '--yes'])
    expect(deleted).toEqual({ id, name: 'forced', deleted: true, revocationEpoch: expect.any(Number) })
    expect((await served.caller.verify(secret)).verified).toBe(false)
    const again = await served.run(['secrets', 'delete', id, '--force', '--yes'])
    expect([again.code, again.stderr]).toEqual([1, `error: Secret ${id} is deleted already\n`])
    expect(await served.json(['secrets', 'restore', id])).toMatchObject({ id, state: 'disabled' })
  })

  it('deletes what has ended without a question: nobody can lose it any more', async () => {
    const { id } = await served.makeSecret('ended')
    await served.json(['secrets', 'retire', id, '--after', '0', '--yes'])
    expect((await served.run(['secrets', 'delete', id])).code).toBe(0)
    expect(await stateOf(id)).toBe('deleted')
  })

  it('takes one of --force and --if-quiet-for', async () => {
    expect((await served.run(['secrets', 'delete', '1', '--force', '--if-quiet-for', '1'])).code).toBe(2)
  })
})

describe('at Intercom', () => {
  // Cutover speaks the same: what is asked with --intercom is what Intercom documents, and nothing else.
  it('lists, creates and deletes', async () => {
    const created = await served.run(['secrets', 'create', '--name', 'There', '--web', '--intercom'])
    expect([created.code, created.stdout]).toEqual([0, expect.stringMatching(/^[A-Za-z0-9_-]{43}\n$/)])
    const { data } = await served.json<{ data: { id: string; name: string }[] }>(['secrets', 'list', '--intercom'])
    const made = data.find(({ name }) => name === 'There')
    expect(made).toMatchObject({ type: 'identity_verification_secret', supports_web: true, supports_ios: false })
    const id = made?.id ?? ''
    expect((await served.run(['secrets', 'list', '--intercom'])).stdout).toMatch(/^ID +NAME +PLATFORMS +AGE\n/)
    const unasked = await served.run(['secrets', 'delete', id, '--intercom'])
    expect([unasked.code, await stateOf(id)]).toEqual([3, 'active'])
    const deleted = await served.run(['secrets', 'delete', id, '--intercom', '--yes'])
    expect([deleted.code, await stateOf(id)]).toEqual([0, 'deleted'])
  })

  it('is never sent a token of Cutover', async () => {
    const { code, stderr } = await served.run(['secrets', 'list'], { env: { CUTOVER_URL: 'https://api.intercom.io' } })
    expect([code, stderr]).toEqual([
      2,
      'error: This is an access token of Cutover: it is not sent to Intercom\n' +
        'hint: set CUTOVER_TOKEN to one of Intercom\n',
    ])
  })

  it.each([
    [['secrets', 'show', '1']],
    [['secrets', 'disable', '1']],
    [['tokens', 'list']],
    [['audit', 'export']],
    [['settings', 'show']],
  ])('has no such call: %j', async (parameters) => {
    const { code, stderr } = await served.run(parameters, { env: { CUTOVER_URL: 'https://api.eu.intercom.io' } })
    expect([code, stderr]).toEqual([
      2,
      'error: Intercom has no such call\nhint: it can list, create and delete secrets: cutover secrets --help\n',
    ])
  })
})
