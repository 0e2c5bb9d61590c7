import type { IncomingMessage } from 'node:http'
import { Readable } from 'node:stream'
import type { preParsingHookHandler } from 'fastify'

/** A request that was read before it came to its route. */
interface Arrival {
  /** When its headers had arrived, on the clock of `performance.now`. */
  readonly startedMs: number
  /** An error where the client went away. */
  readonly body: Buffer | Error
}

const arrivals = new WeakMap<IncomingMessage, Arrival>()

/** Lets the route of `request` find what was read of it. */
export function keepArrival(request: IncomingMessage, arrival: Arrival): void {
  arrivals.set(request, arrival)
}

/** When the headers of `request` had arrived, where that was before now. */
export function arrivedMs(request: IncomingMessage): number | undefined {
  return arrivals.get(request)?.startedMs
}

/** For routes whose body may have been read already: it is read once more, from memory. */
export const arrivedBody: preParsingHookHandler = (request, _reply, payload, done) => {
  const arrival = arrivals.get(request.raw)
  done(null, arrival ? replayed(arrival.body) : payload)
}

function replayed(body: Buffer | Error): Readable {
  if (!(body instanceof Error)) return Readable.from([body])
  return new Readable({
    read() {
      this.destroy(body)
    },
  })
}
