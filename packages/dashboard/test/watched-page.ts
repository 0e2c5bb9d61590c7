import type { Browser, BrowserContextOptions, ConsoleMessage, Page } from 'playwright-core'

/** A page of which everything is noticed that must not happen. */
export interface WatchedPage extends AsyncDisposable {
  readonly page: Page
  /** Violations of the policy, errors in the console or thrown, and requests to another host. */
  readonly faults: readonly string[]
  /** An answer that the test brings about: Chromium notes each in its console. */
  expect(status: number, path: string): void
  /** While the server is stopped, calls go nowhere. */
  expectAbsence(): void
}

const tellViolations =
  "addEventListener('securitypolicyviolation', ({ violatedDirective, blockedURI }) => " +
  "console.error('policy violated: ' + violatedDirective + ' ' + blockedURI))"

export async function openWatched(
  browser: Browser,
  address: string,
  options: BrowserContextOptions = {},
): Promise<WatchedPage> {
  const context = await browser.newContext({ reducedMotion: 'reduce', ...options })
  await context.addInitScript(tellViolations)
  const page = await context.newPage()
  const faults: string[] = []
  // Whoever comes without a session is told so.
  const expected = new Set(['401 /health'])
  let mayBeAbsent = false
  page.on('console', (message) => {
    if (!isExpected(message, expected, mayBeAbsent)) faults.push(`console: ${message.text()} ${message.location().url}`)
  })
  page.on('pageerror', (error) => faults.push(`thrown: ${error.message}`))
  page.on('dialog', (dialog) => {
    if (dialog.type() !== 'beforeunload') faults.push(`dialog: ${dialog.message()}`)
    void dialog.accept()
  })
  page.on('request', (request) => {
    const { origin, protocol } = new URL(request.url())
    if (origin !== address && protocol !== 'blob:') faults.push(`request: ${request.url()}`)
  })
  return {
    page,
    faults,
    expect: (status, path) => void expected.add(`${status} ${path}`),
    expectAbsence: () => {
      mayBeAbsent = true
    },
    [Symbol.asyncDispose]: () => context.close(),
  }
}

function isExpected(message: ConsoleMessage, expected: ReadonlySet<string>, mayBeAbsent: boolean): boolean {
  if (message.type() !== 'error' && message.type() !== 'warning') return true
  const text = message.text()
  if (mayBeAbsent && /net::ERR_(CONNECTION|INCOMPLETE|EMPTY|SOCKET)/.test(text)) return true
  const status = /^Failed to load resource: the server responded with a status of ([0-9]{3})/.exec(text)?.[1]
  if (status === undefined) return false
  return expected.has(`${status} ${new URL(message.location().url).pathname}`)
}
