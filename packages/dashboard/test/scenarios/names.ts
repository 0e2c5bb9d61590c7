import { describe, expect, it } from 'vitest'
import type { Stage } from '../dashboard.test.ts'
import { goTo, settled, signIn } from '../steps.ts'
import { openWatched } from '../watched-page.ts'

const hostile = `<img src=x onerror="alert(1)"><script>alert(2)</script>{{7*7}}<b>bold`

export function names(stage: () => Stage): void {
  describe('a name made of markup', () => {
    it('is text, wherever it is shown', async () => {
      const { browser, server } = stage()
      const secret = await server.api.identitySecrets.create({ name: hostile, platforms: { web: true } })
      const integrator = await server.api.integrators.create({ name: hostile })
      await server.api.accessTokens.create({ name: hostile, scopes: ['verify'] })
      await server.verify(secret.secret, { source: hostile.slice(0, 60) })
      await using watched = await openWatched(browser, server.address)
      const { page } = watched
      await signIn(page, server.address, server.token)
      for (const [place, heading] of [
        ['/secrets', 'Secrets'],
        [`/secrets/${secret.id}`, hostile],
        ['/integrators', 'Integrators'],
        [`/integrators/${integrator.id}`, hostile],
        ['/access-tokens', 'Access tokens'],
        ['/audit-log', 'Audit log'],
      ] as const) {
        await goTo(page, place, heading)
        await settled(page)
        expect(await page.locator('body').innerText()).toContain(place === '/audit-log' ? 'Access token made' : hostile)
        expect(await page.locator('img, body script, b').count()).toBe(0)
      }
      await goTo(page, `/secrets/${secret.id}`, hostile)
      await page.getByText(hostile.slice(0, 60), { exact: true }).waitFor()
      expect(watched.faults).toEqual([])
    })
  })
}
