import {
  closeSync,
  existsSync,
  fdatasync,
  fdatasyncSync,
  fstatSync,
  fsyncSync,
  openSync,
  readSync,
  renameSync,
  statSync,
  write,
  writeSync,
} from 'node:fs'
import { dirname } from 'node:path'
import { promisify } from 'node:util'
import type { AuditPlace, MarkWriter, RevocationMark } from '../cluster/ports.ts'
import { StartupRefusal } from '../startup-refusal.ts'
import { unavailable } from './store-failure.ts'

/** Past this size a file is rewritten, at a start, as its newest mark alone. */
const compactedAtBytes = 1024 * 1024

/**
 * As much of the end is read. Lines of several processes can be out of order by the changes that were under way at one
 * moment, and thousands of lines fit in here.
 */
const readBytes = 1024 * 1024

/**
 * Where a change and its audit entry are remembered outside the store, so that an older store is noticed: a line for
 * each, appended and on disk before the change is answered. Several processes may append to one file; the newest of
 * its lines counts, and one that was cut short was never answered.
 */
export class MarkFile implements MarkWriter {
  readonly #path: string
  readonly #file: number
  #rememberedEpoch: number

  /** Throws StartupRefusal when the file cannot be written, or holds something else. */
  constructor(path: string) {
    this.#path = path
    try {
      this.#file = openSync(path, 'a', 0o600)
      syncDirectory(path)
    } catch (error) {
      throw new StartupRefusal(`CUTOVER_MARK_FILE cannot be written: ${(error as Error).message}.`)
    }
    this.#rememberedEpoch = this.newest()?.epoch ?? 0
  }

  append(mark: RevocationMark): void {
    const line = lineOfItsOwn(mark)
    try {
      assertWhole(writeSync(this.#file, line), line)
      fdatasyncSync(this.#file)
    } catch (cause) {
      throw unwritable(cause)
    }
    this.#rememberedEpoch = Math.max(this.#rememberedEpoch, mark.epoch)
  }

  /** As `append`, while other work goes on; on disk when it resolves. */
  async appendLater(mark: RevocationMark): Promise<void> {
    const line = lineOfItsOwn(mark)
    try {
      const { bytesWritten } = await promisify(write)(this.#file, line)
      assertWhole(bytesWritten, line)
      await promisify(fdatasync)(this.#file)
    } catch (cause) {
      throw unwritable(cause)
    }
    this.#rememberedEpoch = Math.max(this.#rememberedEpoch, mark.epoch)
  }

  remembers(epoch: number): boolean {
    return epoch <= this.#rememberedEpoch
  }

  /** The newest mark; `null` in a new file. */
  newest(): RevocationMark | null {
    const lines = completeLines(this.#path)
    const marks = lines.flatMap(parseLine)
    if (marks.length === 0 && lines.length > 0) {
      throw new StartupRefusal(`CUTOVER_MARK_FILE holds something else than marks: name a file of its own.`)
    }
    return marks.reduce<RevocationMark | null>((a, b) => (a && a.epoch > b.epoch ? a : b), null)
  }

  close(): void {
    closeSync(this.#file)
  }
}

/** For whoever has proven that no other process appends to it: keeps of a file that has grown only what counts. */
export function compactMarkFile(path: string): void {
  if (!existsSync(path) || statSync(path).size < compactedAtBytes) return
  const marks = new MarkFile(path)
  const newest = marks.newest()
  marks.close()
  if (newest === null) return
  const fresh = openSync(`${path}.new`, 'w', 0o600)
  writeSync(fresh, toLine(newest))
  fsyncSync(fresh)
  closeSync(fresh)
  renameSync(`${path}.new`, path)
  syncDirectory(path)
}

/** What was written before may have been cut short. */
function lineOfItsOwn(mark: RevocationMark): Buffer {
  return Buffer.from(`\n${toLine(mark)}`)
}

function assertWhole(written: number, line: Buffer): void {
  if (written !== line.length) throw new Error(`only ${written} of ${line.length} bytes were written`)
}

function unwritable(cause: unknown): Error {
  return unavailable(new Error('CUTOVER_MARK_FILE cannot be written', { cause }))
}

function toLine({ epoch, audit }: RevocationMark): string {
  return `${epoch} ${audit.chain} ${audit.sequence} ${audit.hash}\n`
}

const shape = /^([1-9][0-9]*) (instance|ws_[0-9A-Za-z]{20}) ([1-9][0-9]*) ([0-9a-f]{64})$/

function parseLine(line: string): RevocationMark[] {
  const [, epoch, chain, sequence, hash] = shape.exec(line) ?? []
  if (epoch === undefined || chain === undefined || sequence === undefined || hash === undefined) return []
  const audit: AuditPlace = { chain, sequence: Number(sequence), hash }
  return [{ epoch: Number(epoch), audit }]
}

/** Those at the end of the file that are whole and not empty. */
function completeLines(path: string): string[] {
  const file = openSync(path, 'r')
  try {
    const { size } = fstatSync(file)
    const from = Math.max(0, size - readBytes)
    const bytes = Buffer.alloc(size - from)
    const read = readSync(file, bytes, 0, bytes.length, from)
    const lines = bytes
      .toString('latin1', 0, read)
      .split('\n')
      .slice(from === 0 ? 0 : 1, -1)
    return lines.filter((line) => line !== '')
  } finally {
    closeSync(file)
  }
}

/** A new name is on disk only when its directory is. */
function syncDirectory(path: string): void {
  const directory = openSync(dirname(path), 'r')
  fsyncSync(directory)
  closeSync(directory)
}
