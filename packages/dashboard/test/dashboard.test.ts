import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, describe } from 'vitest'
import { chromiumPath, hasChromium, launchChromium } from './chromium.ts'
import { accessibility } from './scenarios/accessibility.ts'
import { liveView } from './scenarios/live-view.ts'
import { manySecrets } from './scenarios/many-secrets.ts'
import { names } from './scenarios/names.ts'
import { policy } from './scenarios/policy.ts'
import { rotation } from './scenarios/rotation.ts'
import { scopes } from './scenarios/scopes.ts'
import { session } from './scenarios/session.ts'
import { shownOnce } from './scenarios/shown-once.ts'
import { workspaces } from './scenarios/workspaces.ts'
import { ServedPage } from './served-page.ts'

if (!hasChromium) {
  process.stderr.write(`\nSKIPPED: every browser test. There is no Chromium at ${chromiumPath}; set CHROMIUM_PATH.\n\n`)
}

/** What every scenario shares; each makes its own data. */
export interface Stage {
  readonly browser: Browser
  readonly server: ServedPage
}

// One file: the page is built once, and one Chromium and one server serve all.
describe.skipIf(!hasChromium)('the dashboard, in Chromium', { timeout: 180_000 }, () => {
  let browser: Browser
  let server: ServedPage
  const stage = (): Stage => ({ browser, server })

  beforeAll(async () => {
    server = await ServedPage.start({ CUTOVER_RATE_LIMIT_PER_MINUTE: '0' })
    browser = await launchChromium()
  }, 180_000)

  afterAll(async () => {
    await browser?.close()
    await server?.[Symbol.asyncDispose]()
  }, 60_000)

  policy(stage)
  session(stage)
  scopes(stage)
  workspaces(stage)
  shownOnce(stage)
  names(stage)
  liveView(stage)
  rotation(stage)
  accessibility(stage)
  manySecrets(stage)
})
