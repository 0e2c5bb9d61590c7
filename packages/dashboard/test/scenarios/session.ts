import { describe, expect, it } from 'vitest'
import type { Stage } from '../dashboard.test.ts'
import { ServedPage } from '../served-page.ts'
import { goTo, signIn } from '../steps.ts'
import { openWatched, type WatchedPage } from '../watched-page.ts'

const unknownToken = 'cut_UmZraViLuwGTxnkZjE0rwgeYtPYjb9PM23rhTP'

async function attempt(watched: WatchedPage, address: string, token: string): Promise<void> {
  await watched.page.goto(address)
  await attemptAgain(watched, token)
}

async function attemptAgain({ page }: WatchedPage, token: string): Promise<void> {
  await page.getByLabel('Access token', { exact: true }).fill(token)
  await page.getByRole('button', { name: 'Sign in' }).click()
}

export function session(stage: () => Stage): void {
  describe('signing in', () => {
    it.each(['unknown', 'expired', 'revoked'] as const)(
      'a token that is %s is refused in words, with the request id',
      async (kind) => {
        const { browser, server } = stage()
        const token = await badToken(server.api, kind)
        await using watched = await openWatched(browser, server.address)
        watched.expect(401, '/v1/sessions')
        await attempt(watched, server.address, token)
        const alert = watched.page.getByRole('alert')
        expect(await alert.innerText()).toMatch(
          /This token is not accepted[\s\S]*expired, or was revoked[\s\S]*Request id\s+[0-9a-f-]{36}/,
        )
        expect(await watched.page.getByLabel('Access token', { exact: true }).inputValue()).toBe('')
        expect(watched.faults).toEqual([])
      },
    )

    it('says how long to wait, where there were too many attempts', async () => {
      const { browser } = stage()
      await using server = await ServedPage.start({ CUTOVER_RATE_LIMIT_PER_MINUTE: '30' })
      await using watched = await openWatched(browser, server.address)
      watched.expect(401, '/v1/sessions')
      watched.expect(429, '/v1/sessions')
      const alert = watched.page.getByRole('alert')
      // More attempts than a window has room for, however many windows they fall into.
      await watched.page.goto(server.address)
      for (let attempts = 0; attempts < 12; attempts += 1) {
        await attemptAgain(watched, unknownToken)
        if (/wait [0-9]+ s/.test(await alert.innerText())) break
      }
      expect(await alert.innerText()).toMatch(/Too many requests: wait [0-9]+ s/)
      expect(watched.faults).toEqual([])
    })

    it('what is no access token is sent nowhere', async () => {
      const { browser, server } = stage()
      await using watched = await openWatched(browser, server.address)
      const sent: string[] = []
      watched.page.on('request', (request) => sent.push(`${request.method()} ${new URL(request.url()).pathname}`))
      await attempt(watched, server.address, 'my-database-password')
      await watched.page.getByText('Access tokens begin with cut_').waitFor()
      expect(sent).not.toContain('POST /v1/sessions')
    })

    it('leaves the token in no address, no storage, and nowhere that a script can read', async () => {
      const { browser, server } = stage()
      await using watched = await openWatched(browser, server.address)
      await signIn(watched.page, server.address, server.token)
      const readable = await watched.page.evaluate<string>(
        '[location.href, document.cookie, JSON.stringify(localStorage), JSON.stringify(sessionStorage), document.documentElement.outerHTML].join()',
      )
      expect(readable).not.toContain(server.token)
      expect(await watched.page.evaluate('document.cookie')).toBe('')
      const [cookie] = await watched.page.context().cookies()
      expect(cookie).toMatchObject({ httpOnly: true, sameSite: 'Strict' })
      expect(cookie?.value).not.toContain(server.token)
    })
  })

  describe('a session', () => {
    it('that ends leads back to the sign-in, and then to where one was', async () => {
      const { browser, server } = stage()
      const owner = await server.api.accessTokens.create({ name: 'guest', scopes: ['read_all'] })
      await using watched = await openWatched(browser, server.address)
      const { page } = watched
      await signIn(page, server.address, owner.token)
      await goTo(page, '/access-tokens', 'Access tokens')
      await server.api.accessTokens.revoke(owner.id)
      watched.expect(401, '/v1/settings')
      watched.expect(401, '/v1/settings/readiness')
      await page.getByRole('link', { name: 'Settings' }).click()
      await page.getByText('Your session has ended').waitFor()
      await page.getByLabel('Access token', { exact: true }).fill(server.token)
      await page.getByRole('button', { name: 'Sign in' }).click()
      await page.getByRole('heading', { name: 'Settings', level: 1 }).waitFor()
      expect(watched.faults).toEqual([])
    })

    it('ends with signing out, for the address as well', async () => {
      const { browser, server } = stage()
      await using watched = await openWatched(browser, server.address)
      const { page } = watched
      await signIn(page, server.address, server.token)
      await page.getByRole('button', { name: 'Sign out' }).click()
      await page.getByRole('heading', { name: 'Sign in to Cutover' }).waitFor()
      await page.reload()
      await page.getByRole('heading', { name: 'Sign in to Cutover' }).waitFor()
      expect(watched.faults).toEqual([])
    })
  })
}

async function badToken(api: Stage['server']['api'], kind: 'unknown' | 'expired' | 'revoked'): Promise<string> {
  if (kind === 'unknown') return unknownToken
  const { id, token } = await api.accessTokens.create({ name: kind, scopes: ['read_all'] })
  if (kind === 'revoked') await api.accessTokens.revoke(id)
  else await api.accessTokens.rotate(id, { oldTokenValidForSeconds: 0 })
  return token
}
