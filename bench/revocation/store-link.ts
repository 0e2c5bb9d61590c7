import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net'

export type Direction = 'to the store' | 'from the store'

/** What becomes of the bytes in one direction. */
interface Road {
  isCut: boolean
  /** Drawn anew for each chunk; order is kept, as TCP keeps it. */
  delayMs: () => number
}

/**
 * Stands between one node and the store, as a network does that may be slow or cut. What is sent into a cut is kept, and
 * arrives when the cut is healed, as TCP would send it again; or the connections are reset.
 */
export class StoreLink implements AsyncDisposable {
  readonly #server: Server
  readonly #roads: Readonly<Record<Direction, Road>> = {
    'to the store': { isCut: false, delayMs: () => 0 },
    'from the store': { isCut: false, delayMs: () => 0 },
  }
  readonly #pipes = new Set<Pipe>()
  #awaited: (() => void) | undefined
  /** Connections on which a lease was asked for, in a transaction that is still to be committed. */
  readonly #renewing = new WeakSet<Socket>()
  readonly #sockets = new Set<Socket>()

  private constructor(storePort: number) {
    this.#server = createServer({ allowHalfOpen: true, noDelay: true }, (node) => this.#join(node, storePort))
  }

  static async open(storePort: number): Promise<StoreLink> {
    const link = new StoreLink(storePort)
    link.#server.listen(0, '127.0.0.1')
    await once(link.#server, 'listening')
    return link
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port // sound: it listens on a port, not on a pipe
  }

  cut(...directions: readonly Direction[]): void {
    for (const direction of directions) this.#roads[direction].isCut = true
  }

  /** Resolves when a lease was asked for: the answer to that is the first that is kept back. */
  async cutAnswerToRenewal(): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>()
    this.#awaited = resolve
    await promise
  }

  slow(delayMs: () => number, ...directions: readonly Direction[]): void {
    for (const direction of directions) this.#roads[direction].delayMs = delayMs
  }

  /** What was kept back until now arrives; what is sent from now on is kept back as before. */
  release(): void {
    for (const pipe of this.#pipes) pipe.release()
  }

  /** As it was; what was kept back arrives at once, in order. */
  heal(): void {
    this.#awaited = undefined
    for (const road of Object.values(this.#roads)) Object.assign(road, { isCut: false, delayMs: () => 0 })
    for (const pipe of this.#pipes) pipe.flow()
  }

  /** Ends every connection, with whatever was kept back. */
  reset(): void {
    for (const socket of this.#sockets) socket.destroy()
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.reset()
    this.#server.close()
    await once(this.#server, 'close')
  }

  #join(node: Socket, storePort: number): void {
    node.on('data', (bytes: Buffer) => this.#look(node, bytes))
    const store = connect({ port: storePort, host: '127.0.0.1', noDelay: true, allowHalfOpen: true })
    this.#lay(node, store, this.#roads['to the store'])
    this.#lay(store, node, this.#roads['from the store'])
  }

  #look(node: Socket, bytes: Buffer): void {
    if (bytes.includes('set "renewals"')) this.#renewing.add(node)
    else if (this.#renewing.delete(node) && this.#awaited) {
      this.cut('from the store')
      this.#awaited()
      this.#awaited = undefined
    }
  }

  #lay(from: Socket, to: Socket, road: Road): void {
    const pipe = new Pipe(from, to, road)
    this.#pipes.add(pipe)
    this.#sockets.add(from)
    from.once('close', () => {
      this.#sockets.delete(from)
      if (pipe.isEmpty) this.#pipes.delete(pipe)
    })
    to.once('close', () => this.#pipes.delete(pipe))
  }
}

interface Sent {
  /** `null`: the end of the connection. */
  readonly bytes: Buffer | null
  readonly dueMs: number
}

/** One direction of one connection. */
class Pipe {
  readonly #to: Socket
  readonly #road: Road
  readonly #waiting: Sent[] = []
  #timer: NodeJS.Timeout | undefined
  #hasEnded = false

  constructor(from: Socket, to: Socket, road: Road) {
    this.#to = to
    this.#road = road
    from.on('data', (bytes: Buffer) => this.#take(bytes))
    from.on('error', () => {})
    from.once('end', () => this.#end())
    // A connection that was broken ends as well; the other side hears of it when the road lets it.
    from.once('close', () => this.#end())
    to.once('close', () => clearTimeout(this.#timer))
  }

  get isEmpty(): boolean {
    return this.#waiting.length === 0
  }

  release(): void {
    for (const { bytes } of this.#waiting.splice(0)) this.#pass(bytes)
  }

  flow(): void {
    clearTimeout(this.#timer)
    for (let [next] = this.#waiting; next && !this.#road.isCut; [next] = this.#waiting) {
      const leftMs = next.dueMs - performance.now()
      if (leftMs > 0 && this.#road.delayMs() > 0) {
        this.#timer = setTimeout(() => this.flow(), leftMs)
        return
      }
      this.#waiting.shift()
      this.#pass(next.bytes)
    }
  }

  #pass(bytes: Buffer | null): void {
    if (bytes) this.#to.write(bytes)
    else this.#to.end()
  }

  #take(bytes: Buffer | null): void {
    this.#waiting.push({ bytes, dueMs: performance.now() + this.#road.delayMs() })
    if (this.#waiting.length === 1) this.flow()
  }

  #end(): void {
    if (!this.#hasEnded) this.#take(null)
    this.#hasEnded = true
  }
}
