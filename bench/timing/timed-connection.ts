import { connect, type Socket } from 'node:net'

export interface TimedAnswer {
  readonly ns: number
  readonly text: string
}

const endOfHead = Buffer.from('\r\n\r\n')

/** One HTTP/1.1 connection with one request at a time, timed from the write to the last byte of the answer. */
export class TimedConnection implements Disposable {
  readonly #socket: Socket
  #received: Buffer = Buffer.alloc(0)
  #length: number | null = null
  #sentNs = 0n
  #waiting: PromiseWithResolvers<TimedAnswer> | null = null

  constructor(port: number) {
    this.#socket = connect({ port, host: '127.0.0.1', noDelay: true })
    this.#socket.on('data', (chunk: Buffer) => this.#take(chunk, process.hrtime.bigint()))
    this.#socket.on('error', (error) => this.#waiting?.reject(error))
    this.#socket.on('end', () => this.#waiting?.reject(new Error('the server closed the connection')))
  }

  ask(request: Buffer): Promise<TimedAnswer> {
    this.#waiting = Promise.withResolvers<TimedAnswer>()
    this.#received = Buffer.alloc(0)
    this.#length = null
    this.#sentNs = process.hrtime.bigint()
    this.#socket.write(request)
    return this.#waiting.promise
  }

  [Symbol.dispose](): void {
    this.#socket.destroy()
  }

  #take(chunk: Buffer, nowNs: bigint): void {
    this.#received = this.#received.length === 0 ? chunk : Buffer.concat([this.#received, chunk])
    this.#length ??= answerLength(this.#received)
    if (this.#length === null || this.#received.length < this.#length) return
    this.#waiting?.resolve({ ns: Number(nowNs - this.#sentNs), text: this.#received.toString() })
  }
}

/** `null` while the head is not complete. */
function answerLength(received: Buffer): number | null {
  const headEnd = received.indexOf(endOfHead)
  if (headEnd === -1) return null
  const length = /^content-length: (\d+)$/im.exec(received.toString('latin1', 0, headEnd))?.[1]
  if (length === undefined) throw new Error('an answer without Content-Length cannot be timed')
  return headEnd + endOfHead.length + Number(length)
}
