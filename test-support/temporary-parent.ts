import { statfsSync } from 'node:fs'
import { tmpdir } from 'node:os'

const inMemory = '/dev/shm'
const tmpfs = 0x01021994
/** Many times what the tests of a run hold at once. */
const bytesNeeded = 8 * 2 ** 30

/**
 * Where tests have their files: in memory on a machine that has plenty of it, unless TMPDIR says where. What outlives a
 * kill −9 is the same there. Only a loss of power, which no test can make, tells it from a disk, and every commit on a
 * disk waits for it.
 */
export function temporaryParent(): string {
  const isTold = (process.env['TMPDIR'] ?? '') !== ''
  return process.platform === 'linux' && !isTold && hasRoomInMemory() ? inMemory : tmpdir()
}

function hasRoomInMemory(): boolean {
  try {
    const { type, bavail, bsize } = statfsSync(inMemory)
    return type === tmpfs && bavail * bsize >= bytesNeeded && process.availableMemory() >= bytesNeeded
  } catch {
    return false
  }
}
