import type { Workspace } from '@cutover/contract'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { Served } from './served.ts'

let served: Served
beforeAll(async () => {
  served = await Served.start()
})
afterAll(() => served.end())

describe('settings', () => {
  it('show what is enforced, and what came in a day', async () => {
    const { secret } = await served.makeSecret('one')
    await served.caller.verify(secret)
    await served.caller.call('POST', '/v1/verifications', { body: { platform: 'web' } })
    await expect
      .poll(async () => (await served.run(['settings', 'show'])).stdout, { timeout: 40_000 })
      .toBe(
        'web      enforce (of 2 in 24 hours: 50% verified, 50% unsigned, 0% wrong)\n' +
          'ios      enforce (nothing in 24 hours)\n' +
          'android  enforce (nothing in 24 hours)\n' +
          'max age  no limit\n',
      )
  })

  it('are changed one by one: what is not named stays', async () => {
    const set = await served.run(['settings', 'set', '--ios', 'monitor', '--max-age-days', '90'])
    expect([set.code, set.stdout]).toEqual([
      0,
      'web      enforce\nios      monitor\nandroid  enforce\nmax age  90 days\n',
    ])
    expect(await served.json(['settings', 'set', '--android', 'off'])).toEqual({
      enforcement: { web: 'enforce', ios: 'monitor', android: 'off' },
      rotationPolicy: { maxAgeDays: 90 },
    })
    expect(await served.json(['settings', 'set', '--no-max-age-days'])).toMatchObject({
      rotationPolicy: { maxAgeDays: null },
    })
  })

  it('take no other words, and not nothing', async () => {
    expect((await served.run(['settings', 'set'])).code).toBe(2)
    expect((await served.run(['settings', 'set', '--web', 'yes'])).code).toBe(2)
    expect((await served.run(['settings', 'set', '--max-age-days', '0'])).code).toBe(2)
  })
})

describe('diagnose', () => {
  it('says what was done wrong, and what to change', async () => {
    const { secret } = await served.makeSecret('diagnosed')
    const { createHmac } = await import('node:crypto')
    const hash = createHmac('sha256', secret).update('user_1').digest('base64')
    const parameters = ['diagnose', '--platform', 'web', '--user-id', 'user_1', '--user-hash', '--from-stdin']
    const found = await served.run(parameters, { stdin: `${hash}\n` })
    expect([found.code, found.stdout, found.stderr]).toEqual([
      0,
      'finding  digest_was_base64\n' +
        'hint     The hash is right, but it was sent in base64. Send it as 64 hex digits.\n',
      '',
    ])
    expect(served.holding(hash)).toBe(0)
    const asJson = await served.json(parameters, { stdin: hash })
    expect(asJson).toMatchObject({ verified: false, finding: 'digest_was_base64' })
  })

  it('takes a JWT, and warns of one on the command line', async () => {
    const piped = await served.json(['diagnose', '--platform', 'ios', '--jwt'], { stdin: 'a.b.c' })
    expect(piped).toMatchObject({ finding: 'jwt_malformed' })
    const given = await served.run(['diagnose', '--platform', 'ios', '--jwt', 'a.b.c'])
    expect([given.code, given.stderr]).toEqual([
      0,
      'warning: a command line is there for others to see: rather use --from-stdin\n',
    ])
  })

  it('is misused without anything to diagnose, and without a platform', async () => {
    const nothing = await served.run(['diagnose', '--platform', 'web', '--user-id', 'u'])
    expect([nothing.code, nothing.stderr]).toEqual([2, expect.stringContaining('There is nothing to diagnose')])
    expect((await served.run(['diagnose', '--user-id', 'u', '--jwt'])).code).toBe(2)
    expect((await served.run(['diagnose', '--platform', 'web', '--jwt', '--user-hash'])).code).toBe(2)
  })
})

describe('workspaces', () => {
  const make = async (name: string) => (await served.json<Workspace>(['workspaces', 'create', '--name', name])).id

  it('are made, listed and renamed', async () => {
    const created = await served.run(['workspaces', 'create', '--name', 'Acme'])
    const id = /^Made "Acme": (ws_\w{20})\n$/.exec(created.stdout)?.[1] ?? ''
    expect((await served.run(['workspaces', 'list'])).stdout).toMatch(new RegExp(`^${id} +Acme +\\d{4}-`, 'm'))
    expect((await served.run(['workspaces', 'rename', id, '--name', 'Acme 2'])).stdout).toBe(`${id} is "Acme 2" now.\n`)
  })

  it('are named by an instance token where there are several', async () => {
    const id = await make('One of several')
    const needed = await served.run(['settings', 'show'])
    expect([needed.code, needed.stderr]).toEqual([1, expect.stringContaining('say which workspace: --workspace ws_…')])
    expect((await served.run(['settings', 'show', '--workspace', id])).code).toBe(0)
    expect((await served.run(['settings', 'show'], { env: { CUTOVER_WORKSPACE: id } })).code).toBe(0)
  })

  it('are deleted once somebody said so', async () => {
    const id = await make('Gone')
    expect((await served.run(['workspaces', 'delete', id])).code).toBe(3)
    const deleted = await served.json(['workspaces', 'delete', id, '--yes'])
    expect(deleted).toEqual({ id, name: 'Gone', deleted: true, revocationEpoch: expect.any(Number) })
    const gone = await served.run(['workspaces', 'delete', id, '--yes'])
    expect([gone.code, gone.stderr]).toEqual([1, `error: There is no workspace ${id}\n`])
  })
})
