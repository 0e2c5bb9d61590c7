import type { Page } from 'playwright-core'

/** From wherever one is: an empty session, and the page that the address names. */
export async function signIn(page: Page, address: string, token: string, place = '/'): Promise<void> {
  await page.goto(`${address}/#${place}`)
  await page.getByLabel('Access token', { exact: true }).fill(token)
  await page.getByRole('button', { name: 'Sign in' }).click()
  await page.getByRole('button', { name: 'Sign out' }).waitFor({ state: 'attached' })
}

/** Without a load: as a link does. */
export async function goTo(page: Page, place: string, heading: string): Promise<void> {
  await page.evaluate(`location.hash = ${JSON.stringify(`#${place}`)}`)
  await page.getByRole('heading', { name: heading, exact: true, level: 1 }).waitFor()
}

/** Nothing is loading any more, and no placeholder is left. */
export async function settled(page: Page): Promise<void> {
  await page.locator('.mantine-Skeleton-root, [aria-busy=true]').first().waitFor({ state: 'detached' })
}
