import { type Candidate, CandidateFinder } from './find-candidates.ts'

const headBytes = 8 * 1024

/**
 * Looks for candidates in one file or git object. Text in UTF-16 with a byte order mark, as editors on Windows write
 * it, is decoded; what has a NUL among its first 8 KiB otherwise is binary, and passed over.
 */
export class TextScanner {
  readonly #finder: CandidateFinder
  #head: Buffer | null = Buffer.alloc(0)
  #decoder: TextDecoder | null = null
  #isBinary = false

  constructor(report: (candidate: Candidate) => void) {
    this.#finder = new CandidateFinder(report)
  }

  /** Whether it was; known at the end. */
  get isBinary(): boolean {
    return this.#isBinary
  }

  /** The chunk may be overwritten afterwards. */
  push(chunk: Uint8Array): void {
    if (this.#head === null) this.#read(chunk)
    else {
      this.#head = Buffer.concat([this.#head, chunk])
      if (this.#head.length >= headBytes) this.#readHead()
    }
  }

  end(): void {
    if (this.#head !== null) this.#readHead()
    if (this.#decoder) this.#finder.push(Buffer.from(this.#decoder.decode()))
    if (!this.#isBinary) this.#finder.end()
  }

  #readHead(): void {
    const head = this.#head ?? Buffer.alloc(0)
    this.#head = null
    const encoding = utf16Of(head)
    if (encoding !== null) this.#decoder = new TextDecoder(encoding)
    else this.#isBinary = head.subarray(0, headBytes).includes(0)
    this.#read(head)
  }

  #read(chunk: Uint8Array): void {
    if (this.#isBinary) return
    this.#finder.push(this.#decoder ? Buffer.from(this.#decoder.decode(chunk, { stream: true })) : chunk)
  }
}

function utf16Of(head: Buffer): 'utf-16le' | 'utf-16be' | null {
  if (head[0] === 0xff && head[1] === 0xfe) return 'utf-16le'
  if (head[0] === 0xfe && head[1] === 0xff) return 'utf-16be'
  return null
}
