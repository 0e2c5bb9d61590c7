import type { Page } from 'playwright-core'
import { goTo, settled } from '../steps.ts'
import type { SampleWorkspace } from './sample-workspace.ts'

interface Shot {
  readonly name: string
  readonly signedInWith: 'nobody' | 'reader' | 'owner'
  /** Below the fold too; a dialog is taken with what one sees. */
  readonly isWhole?: boolean
  arrange(page: Page, sample: SampleWorkspace, address: string): Promise<void>
}

const unknownToken = 'cut_UmZraViLuwGTxnkZjE0rwgeYtPYjb9PM23rhTP'

const place = (name: string, path: string, heading: string): Shot => ({
  name,
  signedInWith: 'owner',
  arrange: async (page) => {
    await goTo(page, path, heading)
    await settled(page)
  },
})

export const shots: readonly Shot[] = [
  { name: 'sign-in', signedInWith: 'nobody', arrange: (page, _sample, address) => openSignIn(page, address) },
  { name: 'sign-in-refused', signedInWith: 'nobody', arrange: (page, _sample, address) => beRefused(page, address) },
  place('overview', '/', 'Overview'),
  place('secrets', '/secrets', 'Secrets'),
  place('secrets-all', '/secrets?show=all', 'Secrets'),
  { name: 'rotation', signedInWith: 'owner', arrange: (page, { old }) => openSecret(page, old) },
  { name: 'rotation-safe', signedInWith: 'owner', arrange: (page, { quiet }) => openSecret(page, quiet) },
  { name: 'secret', signedInWith: 'owner', arrange: (page, { portal }) => openSecret(page, portal) },
  { name: 'create', signedInWith: 'owner', isWhole: false, arrange: (page) => openCreate(page) },
  { name: 'reveal', signedInWith: 'owner', isWhole: false, arrange: (page) => reveal(page) },
  { name: 'rotate', signedInWith: 'owner', isWhole: false, arrange: (page, { portal }) => openRotate(page, portal) },
  { name: 'delete', signedInWith: 'owner', isWhole: false, arrange: (page, { old }) => openDelete(page, old) },
  { name: 'delete-safe', signedInWith: 'owner', isWhole: false, arrange: (page, { quiet }) => openDelete(page, quiet) },
  { name: 'try-it', signedInWith: 'owner', arrange: (page) => diagnose(page) },
  place('integrators', '/integrators', 'Integrators'),
  { name: 'integrator', signedInWith: 'owner', arrange: (page, { integrator }) => openIntegrator(page, integrator) },
  place('access-tokens', '/access-tokens', 'Access tokens'),
  place('audit-log', '/audit-log', 'Audit log'),
  place('settings', '/settings', 'Settings'),
  {
    name: 'missing-scope',
    signedInWith: 'reader',
    arrange: async (page) => {
      await goTo(page, '/audit-log', 'Audit log')
      await settled(page)
    },
  },
]

async function openSignIn(page: Page, address: string): Promise<void> {
  await page.goto(address)
  await page.getByLabel('Access token', { exact: true }).waitFor()
}

async function beRefused(page: Page, address: string): Promise<void> {
  await openSignIn(page, address)
  await page.getByLabel('Access token', { exact: true }).fill(unknownToken)
  await page.getByRole('button', { name: 'Sign in' }).click()
  await page.getByRole('alert').waitFor()
}

async function openSecret(page: Page, { id, name }: { id: string; name: string }): Promise<void> {
  await goTo(page, `/secrets/${id}`, name)
  await page.getByText('Live', { exact: true }).waitFor()
  await page.locator('.recharts-surface').first().waitFor()
  await settled(page)
}

async function openCreate(page: Page): Promise<void> {
  await goTo(page, '/secrets', 'Secrets')
  await page.getByRole('button', { name: 'New secret' }).click()
  await page.getByRole('dialog').getByLabel('Name').fill('Winter 2026')
}

async function reveal(page: Page): Promise<void> {
  await openCreate(page)
  await page.getByRole('dialog').getByRole('button', { name: 'Create' }).click()
  await page.getByText('Shown this once').waitFor()
  await settled(page)
}

async function openRotate(page: Page, secret: { id: string; name: string }): Promise<void> {
  await openSecret(page, secret)
  await page.getByRole('button', { name: 'Rotate' }).click()
  await page.getByRole('dialog').waitFor()
}

async function openDelete(page: Page, secret: { id: string; name: string }): Promise<void> {
  await openSecret(page, secret)
  await page.getByRole('button', { name: /^Delete/ }).click()
  await page.getByRole('dialog').waitFor()
  await settled(page)
}

async function diagnose(page: Page): Promise<void> {
  await goTo(page, '/try-it', 'Try it')
  await page.getByLabel('User id').fill('user_1')
  await page.getByLabel('User hash', { exact: true }).last().fill('0a8f71c6be0a2d0a64cf4d1a92c9e6a5b8ad8f3b')
  await page.getByRole('button', { name: 'Diagnose' }).click()
  await page.getByText('not verified', { exact: true }).waitFor()
}

async function openIntegrator(page: Page, { id, name }: { id: string; name: string }): Promise<void> {
  await goTo(page, `/integrators/${id}`, name)
  await page.locator('.recharts-surface').first().waitFor()
  await settled(page)
}
