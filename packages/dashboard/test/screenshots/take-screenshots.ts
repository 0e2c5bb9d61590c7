import { mkdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import type { Browser, BrowserContext, Page } from 'playwright-core'
import { launchChromium } from '../chromium.ts'
import { ServedPage } from '../served-page.ts'
import { signIn } from '../steps.ts'
import { writeHistory } from './history.ts'
import { makeSampleWorkspace, type SampleWorkspace } from './sample-workspace.ts'
import { shots } from './shots.ts'

const folder = join(import.meta.dirname, '..', '..', 'screenshots')

const looks = {
  light: { colorScheme: 'light', viewport: { width: 1440, height: 900 } },
  dark: { colorScheme: 'dark', viewport: { width: 1440, height: 900 } },
  narrow: { colorScheme: 'light', viewport: { width: 390, height: 844 } },
} as const

await rm(folder, { recursive: true, force: true })
await mkdir(folder, { recursive: true })
await using server = await ServedPage.start()
const sample = await makeSampleWorkspace(server)
await server.stop()
server.changeStore((database) => writeHistory(database, sample, Date.now()))
await server.startAgain()
const browser = await launchChromium()
try {
  for (const [name, look] of Object.entries(looks)) await takeAll(browser, name, look)
} finally {
  await browser.close()
}

async function takeAll(browser: Browser, name: string, look: (typeof looks)[keyof typeof looks]): Promise<void> {
  const context = await browser.newContext({ ...look, reducedMotion: 'reduce', deviceScaleFactor: 1 })
  for (const shot of shots) {
    const page = await pageOf(context, shot.signedInWith, sample)
    await shot.arrange(page, sample, server.address)
    if (shot.isWhole ?? true) await showWhole(page, look.viewport)
    await page.screenshot({ path: join(folder, `${shot.name}-${name}.png`) })
    await page.close()
  }
  await context.close()
  process.stdout.write(`${name}: ${shots.length} pages\n`)
}

async function pageOf(
  context: BrowserContext,
  as: 'nobody' | 'reader' | 'owner',
  { readerToken }: SampleWorkspace,
): Promise<Page> {
  const page = await context.newPage()
  await context.clearCookies()
  if (as !== 'nobody') await signIn(page, server.address, as === 'owner' ? server.token : readerToken)
  return page
}

/** A window as high as what is in it: what stands still while one scrolls would be cut off otherwise. */
async function showWhole(page: Page, { width, height }: { width: number; height: number }): Promise<void> {
  const needed = Number(await page.evaluate('document.documentElement.scrollHeight'))
  await page.mouse.move(0, 0)
  await page.setViewportSize({ width, height: Math.max(height, needed) })
  await page.evaluate('new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve)))')
}
