import { randomUUID } from 'node:crypto'
import { open, rename, unlink } from 'node:fs/promises'
import type { AuditCheckpoint } from '@cutover/contract'
import { type Failure, failed } from '../../failure.ts'
import { reasonOf } from '../../private-file.ts'

/** What broke off never has the name of an export. @returns how many lines it has */
export async function writeWhole(path: string, chunks: AsyncIterable<Uint8Array>): Promise<number> {
  const draft = `${path}.${randomUUID()}`
  try {
    const lines = await writeDraft(draft, chunks)
    await rename(draft, path)
    return lines
  } catch (error) {
    await unlink(draft).catch(() => {})
    throw (error as NodeJS.ErrnoException).syscall === undefined ? error : unwritable(path, error)
  }
}

async function writeDraft(path: string, chunks: AsyncIterable<Uint8Array>): Promise<number> {
  await using file = await open(path, 'wx', 0o600)
  let lines = 0
  for await (const chunk of chunks) {
    await file.writeFile(chunk)
    for (const byte of chunk) if (byte === 0x0a) lines += 1
  }
  await file.sync()
  return lines
}

/** One more line of a file of checkpoints. */
export async function appendCheckpoint(path: string, checkpoint: AuditCheckpoint): Promise<void> {
  try {
    await using file = await open(path, 'a', 0o600)
    await file.writeFile(`${JSON.stringify(checkpoint)}\n`)
    await file.sync()
  } catch (error) {
    throw unwritable(path, error)
  }
}

function unwritable(path: string, error: unknown): Failure {
  return failed(`${path} cannot be written: ${reasonOf(error)}`, { cause: error })
}
