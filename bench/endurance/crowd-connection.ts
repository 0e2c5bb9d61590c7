import { connect, type Socket } from 'node:net'
import type { PreparedExchange } from '../load/connection.ts'
import type { Outcome } from './crowd.ts'
import { type Answer, readAnswer } from './read-answer.ts'

export interface CrowdListener {
  /** What became of the request that was due at `dueMs`, and whether the connection may be asked again. */
  onOutcome(connection: CrowdConnection, outcome: Outcome, dueMs: number, isOpen: boolean): void
  /** The server hung up between two requests. */
  onIdleEnd(connection: CrowdConnection): void
  onWrong(what: string): void
}

interface Asked {
  readonly expected: Buffer
  readonly dueMs: number
}

/** One client of a crowd: one request at a time, which may be answered, refused in good form, or lost. */
export class CrowdConnection {
  readonly #socket: Socket
  readonly #listener: CrowdListener
  #asked: Asked | null = null
  #received: Buffer | null = null

  constructor(port: number, listener: CrowdListener) {
    this.#listener = listener
    this.#socket = connect({ port, host: '127.0.0.1', noDelay: true })
    this.#socket.on('data', (chunk: Buffer) => this.#take(chunk))
    this.#socket.on('error', (error: NodeJS.ErrnoException) => {
      if (error.code === 'EMFILE' || error.code === 'EADDRNOTAVAIL') listener.onWrong(error.message)
    })
    this.#socket.on('close', () => this.#ended())
  }

  /** Or has failed to. */
  async connected(): Promise<void> {
    if (this.#socket.connecting)
      await new Promise((resolve) => this.#socket.once('connect', resolve).once('close', resolve))
  }

  /** When its request was due; `null` between two requests. */
  get dueMs(): number | null {
    return this.#asked?.dueMs ?? null
  }

  ask({ request, answer }: PreparedExchange, dueMs: number): void {
    this.#asked = { expected: answer, dueMs }
    this.#socket.write(request)
  }

  hangUp(outcome: Outcome): void {
    this.close()
    this.#settle(outcome, false)
  }

  close(): void {
    this.#socket.removeAllListeners('close').destroy()
  }

  #take(chunk: Buffer): void {
    this.#received = this.#received === null ? chunk : Buffer.concat([this.#received, chunk])
    const answer = readAnswer(this.#received)
    if (answer === null) return
    this.#received = null
    const asked = this.#asked
    const outcome = asked === null ? null : judge(answer, asked.expected)
    if (outcome === null) this.#listener.onWrong(`${answer.status} ${answer.head} ${answer.body}`.slice(0, 600))
    else if (answer.isLast) this.hangUp(outcome)
    else this.#settle(outcome, true)
  }

  #ended(): void {
    if (this.#asked === null) this.#listener.onIdleEnd(this)
    else this.#settle('brokenOff', false)
  }

  #settle(outcome: Outcome, isOpen: boolean): void {
    const asked = this.#asked
    this.#asked = null
    if (asked) this.#listener.onOutcome(this, outcome, asked.dueMs, isOpen)
  }
}

/** `null`: wrong. A refusal has to say when to come back, and what it is. */
function judge({ status, head, body }: Answer, expected: Buffer): Outcome | null {
  if (status === 200) return body.equals(expected) ? 'answered' : null
  const isGood = status === 503 && /^retry-after: \d+\r?$/im.test(head) && body.includes('"service_unavailable"')
  return isGood ? 'refused' : null
}
