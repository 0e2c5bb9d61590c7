import { describe, expect, it } from 'vitest'
import type { Stage } from '../dashboard.test.ts'
import { goTo, signIn } from '../steps.ts'
import { openWatched } from '../watched-page.ts'

const places = [
  ['/', 'Overview', 'read_secure_mode_secret'],
  ['/secrets', 'Secrets', 'read_secure_mode_secret'],
  ['/integrators', 'Integrators', 'read_integrators'],
  ['/access-tokens', 'Access tokens', 'read_access_tokens'],
  ['/audit-log', 'Audit log', 'read_audit_log'],
  ['/settings', 'Settings', 'read_settings'],
] as const

export function scopes(stage: () => Stage): void {
  describe('a token with few scopes', () => {
    it('is told on each page which scope is missing, and nothing is asked for that it may not see', async () => {
      const { browser, server } = stage()
      const { token } = await server.api.accessTokens.create({ name: 'verifier', scopes: ['verify'] })
      await using watched = await openWatched(browser, server.address)
      await signIn(watched.page, server.address, token)
      for (const [place, heading, scope] of places) {
        await goTo(watched.page, place, heading)
        await watched.page
          .getByText(/^This token may not/)
          .first()
          .waitFor()
        expect(await watched.page.locator('main').innerText()).toContain(scope)
      }
      expect(watched.faults).toEqual([])
    })

    it('sees no button for what it may not do, and why', async () => {
      const { browser, server } = stage()
      const { token } = await server.api.accessTokens.create({ name: 'reader', scopes: ['read_all'] })
      await server.api.identitySecrets.create({ name: 'Looked at', platforms: { web: true } })
      await using watched = await openWatched(browser, server.address)
      await signIn(watched.page, server.address, token)
      await goTo(watched.page, '/secrets', 'Secrets')
      await watched.page.getByRole('link', { name: 'Looked at' }).waitFor()
      expect(await watched.page.getByRole('button', { name: /New secret|Actions for/ }).count()).toBe(0)
      expect(await watched.page.locator('main').innerText()).toMatch(
        /Read only: this token lacks write_secure_mode_secret/,
      )
      expect(watched.faults).toEqual([])
    })

    it('that may verify and not diagnose is told that its question counts as a use', async () => {
      const { browser, server } = stage()
      const { token } = await server.api.accessTokens.create({ name: 'verifier', scopes: ['verify'] })
      await using watched = await openWatched(browser, server.address)
      await signIn(watched.page, server.address, token)
      await goTo(watched.page, '/try-it', 'Try it')
      expect(await watched.page.locator('main').innerText()).toMatch(
        /lacks the scope diagnose: it is a real verification/,
      )
    })
  })
}
