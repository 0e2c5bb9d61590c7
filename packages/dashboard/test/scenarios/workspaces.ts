import { CutoverClient } from '@cutover/client'
import { describe, expect, it } from 'vitest'
import type { Stage } from '../dashboard.test.ts'
import { ServedPage } from '../served-page.ts'
import { goTo } from '../steps.ts'
import { openWatched } from '../watched-page.ts'

export function workspaces(stage: () => Stage): void {
  describe('an instance token, where there are several workspaces', () => {
    it('says which one it means, sees that one alone, live as well, and can go to another', async () => {
      const { browser } = stage()
      await using server = await ServedPage.start()
      const { id } = await server.api.workspaces.create('Second')
      const second = new CutoverClient({ baseUrl: server.address, token: server.token, workspace: id })
      const secret = await second.identitySecrets.create({ name: 'Of the second', platforms: { web: true } })
      await using watched = await openWatched(browser, server.address)
      const { page } = watched
      await page.goto(server.address)
      await page.getByLabel('Access token', { exact: true }).fill(server.token)
      await page.getByRole('button', { name: 'Sign in' }).click()
      await page.getByRole('button', { name: /^Second/ }).click()
      await goTo(page, '/secrets', 'Secrets')
      await page.getByRole('link', { name: 'Of the second' }).waitFor()
      await goTo(page, `/secrets/${secret.id}`, 'Of the second')
      await page.getByText('Live', { exact: true }).waitFor()
      await goTo(page, '/secrets', 'Secrets')
      await page.getByRole('button', { name: 'Second', exact: true }).click()
      await page.getByRole('menuitem', { name: 'Default' }).click()
      await page.getByText('No secret yet').waitFor()
      expect(await page.getByRole('link', { name: 'Of the second' }).count()).toBe(0)
      expect(watched.faults).toEqual([])
    })
  })
}
