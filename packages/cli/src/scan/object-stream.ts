/** A git object, as `git cat-file --batch` announces it. */
export interface GitObject {
  readonly id: string
  readonly type: string
  readonly bytes: number
}

export interface ObjectReader {
  /** @returns whom its bytes go to */
  object(object: GitObject): ObjectSink
}

export interface ObjectSink {
  push(chunk: Uint8Array): void
  end(): void
}

const lineFeed = 0x0a

/**
 * Takes the output of `git cat-file --batch` apart: `<id> <type> <bytes>`, a line feed, so many bytes, a line feed, and
 * so on. `<id> missing` is all that is said of an object that is not there.
 */
export class ObjectStream {
  readonly #reader: ObjectReader
  #header = ''
  #sink: ObjectSink | null = null
  #bytesLeft = 0

  constructor(reader: ObjectReader) {
    this.#reader = reader
  }

  push(chunk: Buffer): void {
    for (let rest = chunk; rest.length > 0; )
      rest = this.#sink ? this.#takeContent(this.#sink, rest) : this.#takeHeader(rest)
  }

  #takeHeader(chunk: Buffer): Buffer {
    const end = chunk.indexOf(lineFeed)
    this.#header += chunk.toString('latin1', 0, end === -1 ? chunk.length : end)
    if (end === -1) return chunk.subarray(chunk.length)
    const [id = '', type = '', bytes] = this.#header.split(' ')
    this.#header = ''
    if (bytes !== undefined) {
      this.#bytesLeft = Number(bytes)
      this.#sink = this.#reader.object({ id, type, bytes: this.#bytesLeft })
    }
    return chunk.subarray(end + 1)
  }

  /** The line feed after the last byte is not of the content. */
  #takeContent(sink: ObjectSink, chunk: Buffer): Buffer {
    const length = Math.min(this.#bytesLeft, chunk.length)
    if (length > 0) sink.push(chunk.subarray(0, length))
    this.#bytesLeft -= length
    if (length === chunk.length) return chunk.subarray(length)
    sink.end()
    this.#sink = null
    return chunk.subarray(length + 1)
  }
}
