import { Readable } from 'node:stream'

export interface EventStreamOptions {
  /** How long the client waits before it comes back. */
  readonly retryMs: number
  /** Where it is written to: what it holds is not taken yet. */
  readonly sink: { readonly writableLength: number }
}

/**
 * Server-sent events (WHATWG HTML, section 9.2) of which each tells all there is: one that a slow reader has no room for
 * is left out, and never kept. So a stream holds no more than one event, whatever its reader does.
 */
export class EventStream {
  readonly body = new Readable({ read() {} })
  readonly #sink: EventStreamOptions['sink']
  #hasEnded = false

  constructor({ retryMs, sink }: EventStreamOptions) {
    this.#sink = sink
    this.body.push(`retry: ${retryMs}\n\n`)
  }

  /** Whether the reader has taken everything that was sent, as far as this process can see. */
  get isDrained(): boolean {
    return this.body.readableLength === 0 && this.#sink.writableLength === 0
  }

  get isOver(): boolean {
    return this.#hasEnded || this.body.destroyed
  }

  /** `data` is one line. */
  send(event: string, id: string, data: string): void {
    this.body.push(`id: ${id}\nevent: ${event}\ndata: ${data}\n\n`)
  }

  end(): void {
    if (!this.isOver) this.body.push(null)
    this.#hasEnded = true
  }

  /** Ends it in the middle of what is not taken yet. */
  cut(): void {
    this.body.destroy()
  }
}
