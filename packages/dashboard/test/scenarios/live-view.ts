import { describe, expect, it } from 'vitest'
import type { Stage } from '../dashboard.test.ts'
import { ServedPage } from '../served-page.ts'
import { goTo, signIn } from '../steps.ts'
import { openWatched } from '../watched-page.ts'

const countShifts =
  'globalThis.shifts = 0; new PerformanceObserver((list) => { for (const { value } of list.getEntries()) globalThis.shifts += value })' +
  ".observe({ type: 'layout-shift', buffered: false })"

export function liveView(stage: () => Stage): void {
  describe('the live view', () => {
    it('shows each verification within seconds, and nothing moves', async () => {
      const { browser, server } = stage()
      const secret = await server.api.identitySecrets.create({ name: 'Watched', platforms: { web: true } })
      await server.verify(secret.secret, { source: 'web/1.0' })
      await using watched = await openWatched(browser, server.address)
      const { page } = watched
      await signIn(page, server.address, server.token)
      await goTo(page, `/secrets/${secret.id}`, 'Watched')
      await page.getByText('1 in the last hour').waitFor()
      await page.locator('.recharts-surface').first().waitFor()
      await page.evaluate(countShifts)
      for (let use = 0; use < 41; use += 1) await server.verify(secret.secret, { source: 'web/1.0' })
      await page.getByText('42 in the last hour').waitFor()
      await page.getByRole('cell', { name: '42', exact: true }).waitFor()
      expect(Number(await page.evaluate('globalThis.shifts'))).toBeLessThan(0.01)
      expect(watched.faults).toEqual([])
    })

    it('keeps what it had while the server is away, says so, and comes back by itself', async () => {
      const { browser } = stage()
      await using server = await ServedPage.start()
      const secret = await server.api.identitySecrets.create({ name: 'Interrupted', platforms: { web: true } })
      await server.verify(secret.secret, { source: 'web/1.0' })
      await using watched = await openWatched(browser, server.address)
      const { page } = watched
      await signIn(page, server.address, server.token)
      await goTo(page, `/secrets/${secret.id}`, 'Interrupted')
      await page.getByText('1 in the last hour').waitFor()
      watched.expectAbsence()
      await server.stop()
      await page.getByText(/^Connection lost, trying again: as of/).waitFor()
      expect(await page.getByText('1 in the last hour').count()).toBe(1)
      await server.startAgain()
      await page.getByText('Live', { exact: true }).waitFor()
      await server.verify(secret.secret)
      await page.getByText('2 in the last hour').waitFor()
      expect(watched.faults).toEqual([])
    })
  })
}
