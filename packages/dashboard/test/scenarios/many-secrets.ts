import { describe, expect, it } from 'vitest'
import type { Stage } from '../dashboard.test.ts'
import { goTo, signIn } from '../steps.ts'
import { openWatched } from '../watched-page.ts'

const wanted = 500

export function manySecrets(stage: () => Stage): void {
  describe(`${wanted} secrets`, () => {
    it('are one list that is filtered and paged through, fifty at a time on the page', async () => {
      const { browser, server } = stage()
      await makeUpTo(server, wanted)
      await using watched = await openWatched(browser, server.address)
      const { page } = watched
      await signIn(page, server.address, server.token)
      await goTo(page, '/secrets', 'Secrets')
      const rows = page.getByRole('table').getByRole('row')
      await expect.poll(() => rows.count()).toBe(51)
      const total = Number(/of ([0-9,]+) secrets/.exec(await page.locator('main').innerText())?.[1]?.replace(',', ''))
      expect(total).toBeGreaterThanOrEqual(wanted)
      await page
        .getByRole('button', { name: /^Page / })
        .last()
        .click()
      await page.getByText(new RegExp(`–${total} of ${total} secrets$`)).waitFor()
      await page.getByRole('textbox', { name: /^Find a secret/ }).fill('many 499')
      await page.getByRole('link', { name: 'Many 499', exact: true }).waitFor()
      expect(await rows.count()).toBe(2)
      expect(watched.faults).toEqual([])
    })
  })
}

async function makeUpTo({ api }: Stage['server'], most: number): Promise<void> {
  const numbers = Array.from({ length: most }, (_, index) => index)
  for (let first = 0; first < most; first += 20) {
    const some = numbers.slice(first, first + 20)
    await Promise.all(
      some.map((each) => api.identitySecrets.create({ name: `Many ${each}`, platforms: { web: true } })),
    )
  }
}
