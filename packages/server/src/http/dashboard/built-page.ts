import { existsSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const placeholder = '%NONCE%'

/** The page as its build left it. */
export interface BuiltPage {
  /** `index.html` with this nonce in it. */
  withNonce(nonce: string): string
  readonly assetsDirectory: string
}

/** Where the package of the page is built to; `null`: there is no such package here. */
export function builtPageDirectory(): string | null {
  try {
    return dirname(fileURLToPath(import.meta.resolve('@cutover/dashboard/dist/index.html')))
  } catch {
    return null
  }
}

/** `null`: it was not built. */
export function readBuiltPage(directory: string | null): BuiltPage | null {
  const index = directory === null ? null : join(directory, 'index.html')
  if (directory === null || index === null || !existsSync(index)) return null
  const parts = readFileSync(index, 'utf8').split(placeholder)
  return { withNonce: (nonce) => parts.join(nonce), assetsDirectory: join(directory, 'assets') }
}
