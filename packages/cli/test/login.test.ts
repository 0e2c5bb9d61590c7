import { chmod, readFile, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { createTemporaryDirectory, type TemporaryDirectory } from '../../../test-support/temporary-directory.ts'
import { runCutover } from './run-cutover.ts'
import { Served } from './served.ts'

let served: Served
let home: TemporaryDirectory
beforeAll(async () => {
  served = await Served.start()
})
afterAll(() => served.end())
beforeEach(async () => {
  await home?.remove()
  home = await createTemporaryDirectory()
})
afterAll(() => home.remove())

const profile = () => join(home.path, 'cutover', 'profile.json')
const run = (parameters: readonly string[], { stdin = '', env = {} } = {}) => {
  return runCutover(parameters, { stdin, env: { XDG_CONFIG_HOME: home.path, ...env } })
}
const login = (token: string) => run(['login', '--url', served.url, '--from-stdin'], { stdin: `${token}\n` })

describe('login', () => {
  it('keeps the address and the token for the commands to come, readable by its owner alone', async () => {
    const { code, stdout, stderr } = await login(served.installation.token)
    expect([code, stdout, stderr]).toEqual([
      0,
      `Logged in at ${served.url} as "First token". Saved in ${profile()}.\n`,
      '',
    ])
    expect((await stat(profile())).mode & 0o777).toBe(0o600)
    const whoami = await run(['whoami'])
    expect([whoami.code, whoami.stdout]).toEqual([
      0,
      expect.stringMatching(new RegExp(`^server +${served.url}\ntoken +First token\nworkspace +ws_`)),
    ])
    expect(JSON.parse((await run(['whoami', '--json'])).stdout)).toMatchObject({
      url: served.url,
      tokenName: 'First token',
    })
  })

  it('keeps no token that is not good', async () => {
    const { code, stderr } = await login(`cut_${'0'.repeat(38)}`)
    expect([code, stderr]).toEqual([1, expect.stringContaining('cutover login')])
    await expect(stat(profile())).rejects.toThrow('ENOENT')
  })

  it('sends the token to no other server, and yields to flags and the environment', async () => {
    await login(served.installation.token)
    const elsewhere = await run(['whoami', '--url', served.url.replace('127.0.0.1', 'localhost')])
    expect([elsewhere.code, elsewhere.stderr]).toEqual([2, expect.stringContaining('There is no access token')])
    const token = await served.makeToken(['verify'])
    const env = await run(['whoami', '--json'], { env: { CUTOVER_TOKEN: token } })
    expect(JSON.parse(env.stdout)).toMatchObject({ tokenName: 'narrow' })
    const file = join(home.path, 'token')
    await writeFile(file, `${token}\n`)
    const flag = await run(['whoami', '--json', '--token-file', file])
    expect(JSON.parse(flag.stdout)).toMatchObject({ tokenName: 'narrow' })
  })

  it('is of no use any more when others can read what it saved', async () => {
    await login(served.installation.token)
    await chmod(profile(), 0o644)
    const { code, stderr } = await run(['whoami'])
    expect([code, stderr]).toEqual([
      1,
      `error: ${profile()} can be read by others (mode 0644)\nhint: chmod 600 ${profile()}\n`,
    ])
    const doctor = await run(['doctor', '--json'])
    expect([doctor.code, JSON.parse(doctor.stdout).checks]).toEqual([
      1,
      [
        { id: 'profile', status: 'problem', summary: `${profile()} can be read by others`, remedy: expect.any(String) },
        { id: 'reachable', status: 'skipped', summary: expect.stringContaining('not looked at'), remedy: null },
      ],
    ])
  })

  it('saves no token that is for Intercom without asking Intercom', async () => {
    const { code, stdout } = await run(['login', '--url', served.url, '--intercom', '--from-stdin'], {
      stdin: served.installation.token,
    })
    expect([code, stdout]).toEqual([0, `Logged in at ${served.url}. Saved in ${profile()}.\n`])
  })
})

describe('logout', () => {
  it('forgets the token, also when there is none', async () => {
    await login(served.installation.token)
    expect(await readFile(profile(), 'utf8')).toContain(served.installation.token)
    for (let time = 0; time < 2; time += 1) {
      expect(await run(['logout'])).toEqual({ code: 0, stdout: `Logged out: ${profile()} is gone.\n`, stderr: '' })
    }
    await expect(stat(profile())).rejects.toThrow('ENOENT')
  })
})
