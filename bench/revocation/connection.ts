import { connect, type Socket } from 'node:net'

export interface Answer {
  readonly status: number
  readonly body: string
  /** On the monotonic clock of this process: before the first byte was written, and after the last one was read. */
  readonly invokedMs: number
  readonly answeredMs: number
}

/** A request that got no answer: it took effect, or not, or will. */
export interface Unanswered {
  readonly status: null
  readonly invokedMs: number
}

const endOfHead = '\r\n\r\n'
const nothing: Buffer = Buffer.alloc(0)

/** One HTTP/1.1 connection to one process, with one request under way at a time. */
class Connection {
  readonly #socket: Socket
  #received = nothing
  #answer: ((answer: Omit<Answer, 'invokedMs'> | null) => void) | undefined

  constructor(socket: Socket) {
    this.#socket = socket
    socket.on('data', (bytes: Buffer) => this.#take(bytes))
    socket.on('error', () => {})
    socket.once('close', () => this.#settle(null))
  }

  get isOpen(): boolean {
    return this.#socket.writable
  }

  async ask(request: string, timeoutMs: number): Promise<Answer | Unanswered> {
    const { promise, resolve } = Promise.withResolvers<Omit<Answer, 'invokedMs'> | null>()
    this.#answer = resolve
    const timer = setTimeout(() => this.close(), timeoutMs)
    const invokedMs = performance.now()
    this.#socket.write(request)
    const answer = await promise
    clearTimeout(timer)
    return answer ? { ...answer, invokedMs } : { status: null, invokedMs }
  }

  close(): void {
    this.#socket.destroy()
  }

  #take(bytes: Buffer): void {
    this.#received = this.#received.length === 0 ? bytes : Buffer.concat([this.#received, bytes])
    const headEnd = this.#received.indexOf(endOfHead)
    if (headEnd === -1) return
    const head = this.#received.toString('latin1', 0, headEnd)
    const bodyStart = headEnd + endOfHead.length
    const bodyEnd = bodyStart + Number(/^content-length: *(\d+)/im.exec(head)?.[1] ?? 0)
    if (this.#received.length < bodyEnd) return
    const body = this.#received.toString('utf8', bodyStart, bodyEnd)
    this.#received = nothing
    this.#settle({ status: Number(head.slice(9, 12)), body, answeredMs: performance.now() })
    if (/^connection: close/im.test(head)) this.close()
  }

  #settle(answer: Omit<Answer, 'invokedMs'> | null): void {
    this.#answer?.(answer)
    this.#answer = undefined
  }
}

/** Connections to one process: each request goes on one that is free, or on a new one, and waits for no other. */
export class Connections {
  readonly #port: number
  readonly #free: Connection[] = []
  readonly #all = new Set<Connection>()

  constructor(port: number) {
    this.#port = port
  }

  async ask(request: string, { timeoutMs, isNew = false }: { timeoutMs: number; isNew?: boolean }) {
    const kept = isNew ? undefined : this.#takeFree()
    const connection = kept ?? (await this.#open())
    if (!connection) return { status: null, invokedMs: performance.now() } satisfies Unanswered
    const answer = await connection.ask(request, timeoutMs)
    if (connection.isOpen) this.#free.push(connection)
    return answer
  }

  /** As a client does that has no more patience: what is under way stays unanswered. */
  close(): void {
    for (const connection of this.#all) connection.close()
  }

  #takeFree(): Connection | undefined {
    for (let next = this.#free.pop(); next; next = this.#free.pop()) if (next.isOpen) return next
    return undefined
  }

  async #open(): Promise<Connection | null> {
    const socket = connect({ port: this.#port, host: '127.0.0.1', noDelay: true })
    const connection = new Connection(socket)
    const { promise, resolve } = Promise.withResolvers<boolean>()
    socket.once('connect', () => resolve(true))
    socket.once('close', () => {
      this.#all.delete(connection)
      resolve(false)
    })
    this.#all.add(connection)
    return (await promise) ? connection : null
  }
}
