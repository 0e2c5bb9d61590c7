import { randomUUID } from 'node:crypto'
import { open, rename, stat, unlink } from 'node:fs/promises'
import { dirname } from 'node:path'
import { failed } from './failure.ts'

/**
 * Puts `text` in the place of a file, for its owner alone (0600): whole and on disk before it has its name, so that
 * whoever reads it finds the old content or the new, also after a crash.
 */
export async function writePrivateFile(path: string, text: string): Promise<void> {
  const draft = `${path}.${randomUUID()}`
  try {
    try {
      await writeDurably(draft, text)
      await rename(draft, path)
    } catch (error) {
      await unlink(draft).catch(() => {})
      throw error
    }
    await syncDirectory(dirname(path))
  } catch (error) {
    throw failed(`${path} cannot be written: ${reasonOf(error)}`, { cause: error })
  }
}

/** Refused, as ssh does with its keys, where anybody but its owner could read or change it. */
export async function assertPrivate(path: string): Promise<void> {
  if (process.platform === 'win32') return
  const { mode } = await stat(path)
  if ((mode & 0o077) === 0) return
  throw failed(`${path} can be read by others (mode ${(mode & 0o777).toString(8).padStart(4, '0')})`, {
    hint: `chmod 600 ${path}`,
  })
}

/** What went wrong with a file, without what Node says around it. */
export function reasonOf(error: unknown): string {
  const { code, message } = error as NodeJS.ErrnoException
  return (
    { ENOENT: 'it does not exist', EACCES: 'not allowed', EISDIR: 'it is a directory' }[code ?? ''] ?? code ?? message
  )
}

async function writeDurably(path: string, text: string): Promise<void> {
  await using file = await open(path, 'wx', 0o600)
  await file.writeFile(text)
  await file.sync()
}

async function syncDirectory(path: string): Promise<void> {
  if (process.platform === 'win32') return
  await using directory = await open(path, 'r')
  await directory.sync()
}
