import { describe, expect, it } from 'vitest'
import { startedFromSource } from '../../../test-support/programs.ts'
import { createInstallation, engines } from './installation.ts'

// Other tests start it as their run has bundled it, where Node itself resolves next to nothing.
describe('the server, each module of it loaded by Node', () => {
  it.each(engines)('starts, issues, verifies and ends on %s', async (engine) => {
    const installation = await createInstallation(engine)
    const cutover = await installation.start({}, { from: startedFromSource('server') })
    const { secret } = await cutover.caller.create('One')
    expect(await cutover.caller.verify(secret)).toMatchObject({ verified: true })
    for (const path of ['/openapi.json', '/docs/', '/docs/static/swagger-ui.css']) {
      expect([path, (await cutover.caller.call('GET', path, { token: null })).status]).toEqual([path, 200])
    }
    expect(await cutover.kill('SIGTERM')).toEqual({ code: 0, signal: null })
  })
})
