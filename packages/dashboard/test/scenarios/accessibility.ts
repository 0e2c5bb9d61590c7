import { AxeBuilder } from '@axe-core/playwright'
import type { Page } from 'playwright-core'
import { describe, expect, it } from 'vitest'
import type { Stage } from '../dashboard.test.ts'
import { goTo, settled, signIn } from '../steps.ts'
import { openWatched } from '../watched-page.ts'

interface Place {
  readonly path: string
  readonly heading: string
}

export function accessibility(stage: () => Stage): void {
  describe.each(['light', 'dark'] as const)('in the %s scheme', (colorScheme) => {
    it('axe finds nothing serious or critical on any page', async () => {
      const { browser, server } = stage()
      const places = await makePlaces(server)
      await using watched = await openWatched(browser, server.address, { colorScheme })
      const { page } = watched
      await page.goto(server.address)
      await page.getByLabel('Access token', { exact: true }).waitFor()
      const found = await seriousOn(page, 'sign-in')
      await signIn(page, server.address, server.token)
      for (const { path, heading } of places) {
        await goTo(page, path, heading)
        await settled(page)
        found.push(...(await seriousOn(page, path)))
      }
      found.push(...(await seriousInDialogs(page)))
      expect(found).toEqual([])
      expect(watched.faults).toEqual([])
    })
  })

  it.each([390, 1600])('no page is wider than a window of %i px', async (width) => {
    const { browser, server } = stage()
    const places = await makePlaces(server)
    await using watched = await openWatched(browser, server.address, { viewport: { width, height: 844 } })
    await signIn(watched.page, server.address, server.token)
    for (const { path, heading } of places) {
      await goTo(watched.page, path, heading)
      await settled(watched.page)
      expect([path, await watched.page.evaluate('document.documentElement.scrollWidth')]).toEqual([path, width])
    }
    expect(watched.faults).toEqual([])
  })

  it('at 390 px the navigation is behind a button', async () => {
    const { browser, server } = stage()
    await using watched = await openWatched(browser, server.address, { viewport: { width: 390, height: 844 } })
    const { page } = watched
    await signIn(page, server.address, server.token)
    await page.getByRole('button', { name: 'Navigation' }).click()
    await page.getByRole('link', { name: 'Audit log' }).click()
    await page.getByRole('heading', { name: 'Audit log', level: 1 }).waitFor()
    expect(watched.faults).toEqual([])
  })
}

async function seriousOn(page: Page, place: string): Promise<string[]> {
  const { violations } = await new AxeBuilder({ page }).analyze()
  return violations
    .filter(({ impact }) => impact === 'serious' || impact === 'critical')
    .map(
      ({ id, nodes }) =>
        `${place}: ${id}: ${nodes.map(({ target, failureSummary }) => `${target} ${failureSummary}`).join(' | ')}`,
    )
}

async function seriousInDialogs(page: Page): Promise<string[]> {
  await goTo(page, '/secrets', 'Secrets')
  await page.getByRole('button', { name: 'New secret' }).first().click()
  await page.getByRole('dialog').getByLabel('Name').fill('Seen by axe')
  const found = await seriousOn(page, 'create')
  await page.getByRole('dialog').getByRole('button', { name: 'Create' }).click()
  await page.getByText('Shown this once').waitFor()
  found.push(...(await seriousOn(page, 'shown once')))
  return found
}

async function makePlaces({ api }: Stage['server']): Promise<readonly Place[]> {
  const old = await api.identitySecrets.create({ name: 'Old one', platforms: { web: true } })
  await api.identitySecrets.rotate(old.id, { name: 'New one' })
  const integrator = await api.integrators.create({ name: 'Acme payouts' })
  return [
    { path: '/', heading: 'Overview' },
    { path: '/secrets?show=all', heading: 'Secrets' },
    { path: `/secrets/${old.id}`, heading: 'Old one' },
    { path: '/try-it', heading: 'Try it' },
    { path: '/integrators', heading: 'Integrators' },
    { path: `/integrators/${integrator.id}`, heading: 'Acme payouts' },
    { path: '/access-tokens', heading: 'Access tokens' },
    { path: '/audit-log', heading: 'Audit log' },
    { path: '/settings', heading: 'Settings' },
    { path: '/nowhere', heading: 'No such page' },
  ]
}
