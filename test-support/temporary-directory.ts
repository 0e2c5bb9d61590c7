import { mkdtempDisposable } from 'node:fs/promises'
import { join } from 'node:path'
import { temporaryParent } from './temporary-parent.ts'

export interface TemporaryDirectory extends AsyncDisposable {
  readonly path: string
  /** Removes the directory and all that is in it; a second call does nothing. */
  remove(): Promise<void>
}

/** A new empty directory, 0700, that belongs to one test: `await using` removes it when the test ends. */
export async function createTemporaryDirectory(): Promise<TemporaryDirectory> {
  return mkdtempDisposable(join(temporaryParent(), 'cutover-test-'))
}
