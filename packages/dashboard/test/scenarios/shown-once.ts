import { readFile } from 'node:fs/promises'
import type { Page } from 'playwright-core'
import { describe, expect, it } from 'vitest'
import type { Stage } from '../dashboard.test.ts'
import { signIn } from '../steps.ts'
import { openWatched } from '../watched-page.ts'

async function make(page: Page, name: string): Promise<string> {
  await page.getByRole('link', { name: 'Secrets', exact: true }).click()
  await page.getByRole('heading', { name: 'Secrets', level: 1 }).waitFor()
  await page.getByRole('button', { name: 'New secret' }).first().click()
  await page.getByRole('dialog').getByLabel('Name').fill(name)
  await page.getByRole('dialog').getByRole('button', { name: 'Create' }).click()
  return page.getByRole('dialog').getByLabel('Secret', { exact: true }).inputValue()
}

export function shownOnce(stage: () => Stage): void {
  describe('a new secret', () => {
    it('is shown once, is the one that its fingerprint says, and is downloaded as .env', async () => {
      const { browser, server } = stage()
      await using watched = await openWatched(browser, server.address)
      const { page } = watched
      await signIn(page, server.address, server.token)
      const secret = await make(page, 'Downloaded')
      const { verified } = await server.verify(secret)
      expect(verified).toBe(true)
      const [download] = await Promise.all([
        page.waitForEvent('download'),
        page.getByRole('button', { name: 'Download .env' }).click(),
      ])
      expect(await readFile(await download.path(), 'utf8')).toBe(`SIGNING_SECRET=${secret}\n`)
      await page.getByRole('button', { name: 'Done' }).click()
      await page.getByRole('button', { name: 'Yes, close' }).click()
      await page.getByRole('dialog').waitFor({ state: 'detached' })
      expect(await page.evaluate('document.documentElement.outerHTML')).not.toContain(secret)
      expect(watched.faults).toEqual([])
    })

    it.each([
      ['Escape', (page: Page) => page.keyboard.press('Escape')],
      ['the way back', (page: Page) => page.goBack()],
    ])('is left by %s only after one question', async (_way, leave) => {
      const { browser, server } = stage()
      await using watched = await openWatched(browser, server.address)
      const { page } = watched
      await signIn(page, server.address, server.token)
      const secret = await make(page, 'Left')
      await leave(page)
      await page.getByText('Have you stored it? It is not shown again.').waitFor()
      await page.getByRole('button', { name: 'Not yet' }).click()
      expect(await page.getByLabel('Secret', { exact: true }).inputValue()).toBe(secret)
      await leave(page)
      await page.getByRole('button', { name: 'Yes, close' }).click()
      await page.getByRole('dialog').waitFor({ state: 'detached' })
      expect(watched.faults).toEqual([])
    })
  })
}
