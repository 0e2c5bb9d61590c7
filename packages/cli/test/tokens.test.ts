import { readFile, stat } from 'node:fs/promises'
import { join } from 'node:path'
import type { AccessToken, CreatedAccessToken } from '@cutover/contract'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createTemporaryDirectory } from '../../../test-support/temporary-directory.ts'
import { Served } from './served.ts'

let served: Served
beforeAll(async () => {
  served = await Served.start()
})
afterAll(() => served.end())

const isGood = async (token: string) => (await served.caller.call('GET', '/health', { token })).status === 200

describe('tokens create', () => {
  it('prints the token alone on standard output, and what it may do on stderr', async () => {
    const { code, stdout, stderr } = await served.run(['tokens', 'create', '--name', 'job', '--preset', 'rotator'])
    expect([code, stdout]).toEqual([0, expect.stringMatching(/^cut_[0-9A-Za-z]{38}\n$/)])
    expect(stderr).toMatch(/^Made "job" \(tok_\w{20}\) for rotator\.\n/)
    expect(await isGood(stdout.trim())).toBe(true)
    expect(served.holding(stdout.trim())).toBe(1)
  })

  it('takes scopes, a label and an end, and writes the token into a file with --out', async () => {
    await using directory = await createTemporaryDirectory()
    const out = join(directory.path, 'token')
    const scopes = ['--scope', 'verify', 'diagnose', '--scope', 'read_settings']
    const rest = ['--environment', 'staging', '--expires-in', '3600', '--out', out]
    const made = await served.json(['tokens', 'create', '--name', 'narrow', ...scopes, ...rest])
    expect(made).toMatchObject({ scopes: ['verify', 'diagnose', 'read_settings'], environment: 'staging', out })
    expect(made).not.toHaveProperty('token')
    expect([await isGood(await readFile(out, 'utf8')), (await stat(out)).mode & 0o777]).toEqual([true, 0o600])
  })

  it('makes one of no workspace with --instance', async () => {
    const parameters = ['tokens', 'create', '--name', 'ops', '--scope', 'manage_workspaces', '--instance']
    expect(await served.json(parameters)).toMatchObject({ workspaceId: null })
  })

  it('is misused without a name, without scopes, and with a scope that there is none of', async () => {
    const nameless = await served.run(['tokens', 'create', '--preset', 'rotator'])
    expect([nameless.code, nameless.stderr]).toEqual([
      2,
      'error: The token has no name\nhint: say what it is for: --name\n',
    ])
    const idle = await served.run(['tokens', 'create', '--name', 'x'])
    expect([idle.code, idle.stderr]).toEqual([2, expect.stringContaining('--preset development|staging|')])
    const unknown = await served.run(['tokens', 'create', '--name', 'x', '--scope', 'everything'])
    expect([unknown.code, unknown.stderr]).toEqual([
      2,
      expect.stringContaining('Allowed choices are read_secure_mode_secret'),
    ])
    expect((await served.run(['tokens', 'create', '--name', 'x', '--local', '--preset', 'rotator'])).code).toBe(2)
  })
})

describe('tokens list', () => {
  it('shows a row for each of the workspace, and those of the instance with --instance', async () => {
    await served.json(['tokens', 'create', '--name', 'listed', '--preset', 'production-verifier'])
    const { stdout } = await served.run(['tokens', 'list'])
    expect(stdout).toMatch(/^ID +NAME +SCOPES +FOR +STATE +LAST USED +ENDS\n/)
    expect(stdout).toMatch(/^tok_\w{20} +listed +production-verifier +active +never +no end$/m)
    const { data } = await served.json<{ data: AccessToken[] }>(['tokens', 'list', '--instance'])
    expect(data[0]).toMatchObject({ workspaceId: null, scopes: expect.arrayContaining(['manage_workspaces']) })
    expect(await served.json(['tokens', 'list', '--overdue'])).toEqual({ data: [] })
  })
})

describe('tokens rotate', () => {
  it('prints a successor, and the old one is good for a while', async () => {
    const old = await served.json<CreatedAccessToken>(['tokens', 'create', '--name', 'old', '--preset', 'rotator'])
    const rotated = await served.run(['tokens', 'rotate', old.id, '--old-valid-for', '60'])
    expect([rotated.code, rotated.stderr]).toEqual([
      0,
      expect.stringContaining('The old one is good for 1 minute yet.'),
    ])
    expect([await isGood(old.token), await isGood(rotated.stdout.trim())]).toEqual([true, true])
  })

  it('refuses the old one at once only where somebody said so', async () => {
    const old = await served.json<CreatedAccessToken>(['tokens', 'create', '--name', 'old', '--preset', 'rotator'])
    const parameters = ['tokens', 'rotate', old.id, '--old-valid-for', '0']
    const unasked = await served.run(parameters)
    expect([unasked.code, unasked.stdout, await isGood(old.token)]).toEqual([3, '', true])
    const rotated = await served.run([...parameters, '--yes'])
    expect([rotated.code, await isGood(old.token)]).toEqual([0, false])
    expect(await isGood(rotated.stdout.trim())).toBe(true)
  })
})

describe('tokens revoke', () => {
  it('revokes what it is told to, once somebody said so', async () => {
    const { id, token } = await served.json<CreatedAccessToken>([
      'tokens',
      'create',
      '--name',
      'r',
      '--preset',
      'rotator',
    ])
    const unasked = await served.run(['tokens', 'revoke', id])
    expect([unasked.code, unasked.stderr, await isGood(token)]).toEqual([
      3,
      expect.stringContaining(`Revoke ${id} for good?`),
      true,
    ])
    const revoked = await served.run(['tokens', 'revoke', id, '--yes'])
    expect([revoked.code, revoked.stdout, await isGood(token)]).toEqual([
      0,
      expect.stringMatching(new RegExp(`^Revoked ${id}\\. No node accepts it any more: revocation epoch \\d+\\.\n$`)),
      false,
    ])
  })

  it('takes along what the token made with --cascade', async () => {
    const scopes = ['--scope', 'write_access_tokens', 'verify']
    const maker = await served.json<CreatedAccessToken>(['tokens', 'create', '--name', 'maker', ...scopes])
    const env = { CUTOVER_TOKEN: maker.token }
    const child = await served.json<CreatedAccessToken>(['tokens', 'create', '--name', 'made', '--scope', 'verify'], {
      env,
    })
    const revoked = await served.json(['tokens', 'revoke', maker.id, '--cascade', '--yes'])
    expect(revoked).toEqual({ id: maker.id, revoked: true, revocationEpoch: expect.any(Number) })
    expect([await isGood(maker.token), await isGood(child.token)]).toEqual([false, false])
  })
})
