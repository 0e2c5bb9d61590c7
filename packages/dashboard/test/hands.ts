import type { Locator, Page } from 'playwright-core'

/** How somebody uses the page. */
export interface Hands {
  readonly name: string
  press(target: Locator): Promise<void>
  type(target: Locator, text: string): Promise<void>
}

export const mouse: Hands = {
  name: 'by mouse',
  press: (target) => target.click(),
  type: (target, text) => target.fill(text),
}

const mostTabs = 80

/** Nothing but keys: what Tab does not come to cannot be used. */
export const keyboard: Hands = {
  name: 'by keyboard only',
  async press(target) {
    await tabTo(target)
    await target.page().keyboard.press('Enter')
  },
  async type(target, text) {
    await tabTo(target)
    const { keyboard } = target.page()
    await keyboard.press('ControlOrMeta+A')
    await keyboard.type(text)
  },
}

async function tabTo(target: Locator): Promise<void> {
  await target.waitFor()
  for (let tabs = 0; tabs < mostTabs; tabs += 1) {
    if (await isFocused(target)) return assertVisibleFocus(target.page())
    await target.page().keyboard.press('Tab')
  }
  throw new Error(`${mostTabs} tabs do not lead to ${target}`)
}

async function isFocused(target: Locator): Promise<boolean> {
  return (await target.and(target.page().locator(':focus')).count()) === 1
}

/** An outline, or the border of a field, tells where one is. */
async function assertVisibleFocus(page: Page): Promise<void> {
  const style = await page.evaluate<string>(
    "(() => { const { outlineStyle, outlineWidth } = getComputedStyle(document.activeElement); return document.activeElement.matches('input, textarea') ? 'field' : outlineStyle + ' ' + outlineWidth })()",
  )
  if (style !== 'field' && /^none|\b0px$/.test(style)) throw new Error(`The focus is not visible: ${style}`)
}
