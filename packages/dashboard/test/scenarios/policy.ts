import { expect, it } from 'vitest'
import type { Stage } from '../dashboard.test.ts'
import { signIn } from '../steps.ts'
import { openWatched } from '../watched-page.ts'

export function policy(stage: () => Stage): void {
  it('what the policy forbids is noticed by these tests', async () => {
    const { browser, server } = stage()
    await using watched = await openWatched(browser, server.address)
    await signIn(watched.page, server.address, server.token)
    expect(watched.faults).toEqual([])
    await watched.page.evaluate("document.body.insertAdjacentHTML('beforeend', '<p style=\"color: red\">')")
    await watched.page.evaluate("fetch('http://127.0.0.1:9/').catch(() => {})")
    await expect.poll(() => watched.faults.join('\n')).toMatch(/policy violated: style-src-attr/)
    await expect.poll(() => watched.faults.join('\n')).toMatch(/policy violated: connect-src/)
  })
}
