import { hasTokenChecksum } from '@cutover/signing'

/** What a secret may be: certain for the first two, by their checksum; of the third only a fingerprint can tell. */
export type CandidateKind = 'access_token' | 'integrator_secret' | 'identity_secret'

export interface Candidate {
  readonly kind: CandidateKind
  /** The secret itself: for hashing, never for printing. */
  readonly text: string
  /** From 1 on; lines end with a line feed. */
  readonly line: number
}

/** All three consist of base64url (RFC 4648 §5), prefixes included: they stand in a run of its characters. */
const inRun = new Uint8Array(256)
for (const char of 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_') inRun[char.charCodeAt(0)] = 1

const tokens = [
  { prefix: Buffer.from('cut_'), length: 42, kind: 'access_token' },
  { prefix: Buffer.from('ints_'), length: 54, kind: 'integrator_secret' },
] as const

const identityLength = 43
const shortest = 42
const longest = 54

/** An escape that ends in characters of base64url seems to be a part of the run after it. */
const escapes: Readonly<Record<string, RegExp>> = {
  '%': /^[0-9A-Fa-f]{2}$/,
  '=': /^[0-9A-F]{2}$/,
  '\\': /^(?:[abefnrtv0]|x[0-9A-Fa-f]{2}|u[0-9A-Fa-f]{4})$/,
}
const longestEscape = 5

/**
 * Finds whatever may be a secret in bytes that come in chunks of any size: tokens anywhere, identity secrets where
 * exactly 43 characters of base64url stand together. Keeps less than 64 bytes of a chunk that is done, however long a
 * line is.
 */
export class CandidateFinder {
  readonly #report: (candidate: Candidate) => void
  /** What was kept of earlier chunks, and the latest. */
  #window: Buffer = Buffer.alloc(0)
  #keptFrom = 0
  #line = 1
  #linesCountedTo = 0

  constructor(report: (candidate: Candidate) => void) {
    this.#report = report
  }

  push(chunk: Uint8Array): void {
    this.#startWindow(chunk)
    const end = this.#window.length
    const open = this.#startOfLastRun()
    this.#searchRuns(0, open)
    if (end - open <= identityLength + longestEscape) {
      // The byte before the run says whether an escape is at its start.
      this.#keptFrom = Math.max(0, open - 1)
    } else {
      // What is kept of so long a run is too long for an identity secret still.
      this.#keptFrom = Math.max(open, end - longest + 1)
      this.#searchTokens(open, this.#keptFrom, end)
    }
  }

  end(): void {
    this.#searchRuns(this.#keptFrom, this.#window.length)
  }

  #startWindow(chunk: Uint8Array): void {
    this.#countLinesTo(this.#keptFrom)
    this.#linesCountedTo = 0
    this.#window = Buffer.concat([this.#window.subarray(this.#keptFrom), chunk])
  }

  /** Where the run starts that goes on in the next chunk, perhaps. */
  #startOfLastRun(): number {
    const window = this.#window
    let start = window.length
    while (start > 0 && inRun[window[start - 1] ?? 0] === 1) start--
    return start
  }

  /**
   * Looks at one byte in 42 and at those around it: where that byte is in no run, no run of 42 covers it. Both bounds
   * are bounds of runs.
   */
  #searchRuns(from: number, to: number): void {
    const window = this.#window
    let floor = from
    for (let probe = floor + shortest - 1; probe < to; probe = floor + shortest - 1) {
      let end = probe
      while (end < to && inRun[window[end] ?? 0] === 1) end++
      if (end > probe) {
        let start = probe
        while (start > floor && inRun[window[start - 1] ?? 0] === 1) start--
        if (end - start >= shortest) this.#searchRun(start, end)
      }
      floor = end + 1
    }
  }

  #searchRun(start: number, end: number): void {
    this.#searchTokens(start, end, end)
    const identityStart = end - identityLength
    if (identityStart < start || identityStart - start > longestEscape) return
    if (identityStart === start || this.#isEscape(start, identityStart)) {
      this.#found('identity_secret', start, identityStart, identityLength)
    }
  }

  #isEscape(start: number, end: number): boolean {
    const before = this.#window.toString('latin1', Math.max(0, start - 1), start)
    return escapes[before]?.test(this.#window.toString('latin1', start, end)) ?? false
  }

  /** Those that start before `before`, in a run that reaches to `end` at least. */
  #searchTokens(runStart: number, before: number, end: number): void {
    // The run alone: where it has no prefix, indexOf would go on to the end of the window.
    const run = this.#window.subarray(runStart, end)
    for (const { prefix, length, kind } of tokens) {
      let at = run.indexOf(prefix)
      while (at !== -1 && runStart + at < before && at + length <= run.length) {
        this.#found(kind, runStart, runStart + at, length)
        at = run.indexOf(prefix, at + 1)
      }
    }
  }

  #found(kind: CandidateKind, runStart: number, at: number, length: number): void {
    const text = this.#window.toString('latin1', at, at + length)
    if (kind !== 'identity_secret' && !hasTokenChecksum(text)) return
    this.#countLinesTo(runStart)
    this.#report({ kind, text, line: this.#line })
  }

  /** There is none within a run. Runs come in their order, so that each byte is counted once. */
  #countLinesTo(position: number): void {
    const window = this.#window
    let lines = 0
    for (let at = this.#linesCountedTo; at < position; at++) if (window[at] === 0x0a) lines++
    this.#line += lines
    this.#linesCountedTo = Math.max(this.#linesCountedTo, position)
  }
}
