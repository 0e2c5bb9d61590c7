import { describe, expect, it } from 'vitest'
import { createInstallation, engines } from './installation.ts'
import { makeLocalToken } from './make-local-token.ts'

describe.each(engines)('a token made on the machine, on %s', (engine) => {
  it('lets its maker in at once while the server is running, and is on the record', async () => {
    const installation = await createInstallation(engine)
    const cutover = await installation.start()
    const made = await makeLocalToken(installation, '--local', '--name', 'Lost the first one')
    expect([made.code, made.stderr]).toEqual([0, ''])
    const token = made.stdout.trim()
    expect(token).toMatch(/^cut_[0-9A-Za-z]{38}$/)
    const response = await fetch(`${cutover.address}/health`, { headers: { authorization: `Bearer ${token}` } })
    expect(response.status).toBe(200)
    expect(await response.json()).toMatchObject({ tokenName: 'Lost the first one' })
  })
})

describe('the program that makes one', () => {
  it('wants to be told that it is meant, and says how', async () => {
    for (const parameters of [[], ['--name', 'a'], ['--local', '--nmae', 'a'], ['--local', '--name', ' ']]) {
      expect(await makeLocalToken(null, ...parameters)).toEqual({
        code: 2,
        stdout: '',
        stderr: 'Usage: npm run -s token -- --local [--name NAME]\n',
      })
    }
  })

  it('makes no store where there is none', async () => {
    const installation = await createInstallation()
    const { code, stdout, stderr } = await makeLocalToken(installation, '--local')
    expect([code, stdout]).toEqual([1, ''])
    expect(stderr).toMatch(
      /^There is no store in the data directory .*: set CUTOVER_DATA_DIR to that of the server\.\n$/,
    )
  })
})
