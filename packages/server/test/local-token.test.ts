import { describe, expect, it } from 'vitest'
import { Misuse, makeLocalToken } from '../src/local.ts'
import { createInstallation, engines } from './installation.ts'
import { localSettings } from './local-settings.ts'

describe.each(engines)('a token made on the machine, on %s', (engine) => {
  it('lets its maker in at once while the server is running, and is on the record', async () => {
    const installation = await createInstallation(engine)
    const cutover = await installation.start()
    const token = await makeLocalToken(localSettings(installation), 'Lost the first one')
    expect(token).toMatch(/^cut_[0-9A-Za-z]{38}$/)
    const response = await cutover.caller.call('GET', '/health', { token })
    expect(response.status).toBe(200)
    expect(JSON.parse(response.text)).toMatchObject({ tokenName: 'Lost the first one' })
    const { text } = await cutover.caller.call('GET', '/v1/audit-log?chain=instance&actor=local')
    expect(JSON.parse(text).data).toMatchObject([
      { action: 'access_token.created', metadata: { name: 'Lost the first one' } },
    ])
  })
})

describe('making one', () => {
  it('makes no store where there is none, and no token with a name that is none', async () => {
    const installation = await createInstallation()
    await expect(makeLocalToken(localSettings(installation), 'a')).rejects.toThrow(
      /^There is no store in the data directory .*: set CUTOVER_DATA_DIR to that of the server\.$/,
    )
    await expect(makeLocalToken(localSettings(installation), ' ')).rejects.toThrow(Misuse)
  })
})
