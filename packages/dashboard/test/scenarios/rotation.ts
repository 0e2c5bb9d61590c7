import type { Page } from 'playwright-core'
import { describe, expect, it } from 'vitest'
import type { Stage } from '../dashboard.test.ts'
import { type Hands, keyboard, mouse } from '../hands.ts'
import { ServedPage } from '../served-page.ts'
import { openWatched } from '../watched-page.ts'

const hourMs = 3_600_000

export function rotation(stage: () => Stage): void {
  describe('from the first sign-in to a rotation that is done', () => {
    it.each([mouse, keyboard])('$name', async (hands) => {
      const { browser } = stage()
      await using server = await ServedPage.start()
      await using watched = await openWatched(browser, server.address)
      const { page } = watched
      await enter(page, server, hands)
      const oldSecret = await create(page, hands)
      await server.verify(oldSecret, { source: 'web/1.0' })
      await hands.press(page.getByRole('link', { name: 'Spring', exact: true }))
      await page.getByText('1 in the last hour').waitFor()
      const newSecret = await rotate(page, hands)
      for (let use = 0; use < 3; use += 1) await server.verify(newSecret, { source: 'web/2.0' })
      await page.getByText('75%', { exact: true }).waitFor()
      expect(await page.getByRole('cell', { name: 'web/1.0' }).count()).toBe(1)
      await page.getByRole('button', { name: 'Delete…' }).waitFor()
      watched.expectAbsence()
      await lettingHoursPass(server)
      await server.verify(newSecret, { source: 'web/2.0' })
      await hands.press(page.getByRole('button', { name: 'Delete: it is safe now' }))
      await hands.press(page.getByRole('dialog').getByRole('button', { name: 'Delete', exact: true }))
      await page.getByText('“Spring” is deleted').waitFor()
      const left = await server.api.identitySecrets.list({ state: 'all' })
      expect(left.data.map(({ name, state }) => `${name}: ${state}`)).toEqual(['Spring: deleted', 'Autumn: active'])
      expect((await server.verify(oldSecret)).verified).toBe(false)
      expect((await server.verify(newSecret)).verified).toBe(true)
      expect(watched.faults).toEqual([])
    })
  })

  describe('a secret that is in use', () => {
    it('is deleted only by whoever types its name', async () => {
      const { browser, server } = stage()
      const secret = await server.api.identitySecrets.create({ name: 'Still used', platforms: { web: true } })
      await server.verify(secret.secret, { source: 'web/1.0' })
      await using watched = await openWatched(browser, server.address)
      const { page } = watched
      await enter(page, server, mouse)
      await page.evaluate(`location.hash = '#/secrets/${secret.id}'`)
      await page.getByRole('button', { name: 'Delete…' }).click()
      const dialog = page.getByRole('dialog')
      await dialog.getByRole('cell', { name: 'web/1.0' }).waitFor()
      const button = dialog.getByRole('button', { name: 'Delete all the same' })
      expect(await button.isEnabled()).toBe(false)
      await dialog.getByLabel('Type Still used to confirm').fill('Still use')
      expect(await button.isEnabled()).toBe(false)
      await dialog.getByLabel('Type Still used to confirm').fill('Still used')
      await button.click()
      await page.getByText('“Still used” is deleted').waitFor()
      expect((await server.api.identitySecrets.read(secret.id)).state).toBe('deleted')
      expect(watched.faults).toEqual([])
    })
  })
}

async function enter(page: Page, server: ServedPage, hands: Hands): Promise<void> {
  await page.goto(server.address)
  await hands.type(page.getByLabel('Access token', { exact: true }), server.token)
  await hands.press(page.getByRole('button', { name: 'Sign in' }))
  await page.getByRole('heading', { name: 'Overview' }).waitFor()
}

async function create(page: Page, hands: Hands): Promise<string> {
  await hands.press(page.getByRole('link', { name: 'Secrets', exact: true }))
  await hands.press(page.getByRole('button', { name: 'New secret' }).first())
  const dialog = page.getByRole('dialog')
  await hands.type(dialog.getByLabel('Name'), 'Spring')
  await hands.press(dialog.getByRole('button', { name: 'Create' }))
  return storeAndClose(page, hands)
}

async function rotate(page: Page, hands: Hands): Promise<string> {
  await hands.press(page.getByRole('button', { name: 'Rotate' }))
  const dialog = page.getByRole('dialog')
  await hands.type(dialog.getByLabel('Name of the new secret'), 'Autumn')
  await hands.press(dialog.getByRole('button', { name: 'Rotate' }))
  return storeAndClose(page, hands)
}

async function storeAndClose(page: Page, hands: Hands): Promise<string> {
  const secret = await page.getByRole('dialog').getByLabel('Secret', { exact: true }).inputValue()
  await hands.press(page.getByRole('button', { name: 'Done' }))
  await hands.press(page.getByRole('button', { name: 'Yes, close' }))
  await page.getByRole('dialog').waitFor({ state: 'detached' })
  return secret
}

/** The old one was last used two hours ago, and has been counted for three: what would take that long otherwise. */
async function lettingHoursPass(server: ServedPage): Promise<void> {
  await server.stop()
  server.changeStore((database) => {
    const { id } = database.prepare("SELECT id FROM signing_secrets WHERE name = 'Spring'").get() as { id: number } // sound: the only column
    const past = 2 * hourMs
    database
      .prepare('UPDATE signing_secrets SET created_at = created_at - ?, tracked_since = tracked_since - ?')
      .run(3 * past, 3 * past)
    database
      .prepare('UPDATE secret_uses SET first_at = first_at - ?, last_at = last_at - ? WHERE secret_id = ?')
      .run(past, past, id)
    database.prepare('UPDATE usage_sources SET last_seen_at = last_seen_at - ? WHERE secret_id = ?').run(past, id)
    database.prepare('DELETE FROM usage_counts WHERE secret_id = ? AND span_minutes = 1').run(id)
  })
  await server.startAgain()
}
