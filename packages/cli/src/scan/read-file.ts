import { closeSync, constants, openSync, readSync } from 'node:fs'

/** Large enough that a call costs nothing beside its work. */
const chunk = Buffer.allocUnsafe(256 * 1024)

/** A link or a pipe that has taken the place of a file meanwhile is not followed, nor waited for. */
const flags = constants.O_RDONLY | (constants.O_NOFOLLOW ?? 0) | (constants.O_NONBLOCK ?? 0)

/** Hands over a file in chunks, each of which holds until the next. Throws what `openSync` and `readSync` throw. */
export function readFileInChunks(path: Buffer, push: (chunk: Uint8Array) => void): void {
  const file = openSync(path, flags)
  try {
    for (let length = readSync(file, chunk); length > 0; length = readSync(file, chunk)) push(chunk.subarray(0, length))
  } finally {
    closeSync(file)
  }
}
