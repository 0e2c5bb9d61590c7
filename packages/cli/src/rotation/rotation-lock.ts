import { mkdir } from 'node:fs/promises'
import { dirname } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { failed } from '../failure.ts'

const sqliteBusy = 5

/**
 * Keeps a second run of the same rotation away while one goes on. The lock is a transaction on a file of its own: it
 * dies with its holder, however that ends, so that nothing is ever left to be cleaned up.
 *
 * @returns what lets it go
 */
export async function lockRotation(statePath: string): Promise<() => void> {
  await mkdir(dirname(statePath), { recursive: true, mode: 0o700 })
  const lock = new DatabaseSync(`${statePath}.lock`, { timeout: 0 })
  try {
    lock.exec('BEGIN EXCLUSIVE')
  } catch (error) {
    lock.close()
    if ((error as { errcode?: number }).errcode !== sqliteBusy) throw error
    throw failed('Another run of this rotation is going on', {
      hint: 'wait for it, or end it: this one can go on then',
    })
  }
  return () => lock.close()
}
