import { limits } from '@cutover/contract'
import type { System } from '../system.ts'
import { clientNetwork } from './client-network.ts'
import { FixedWindows, type Standing } from './fixed-windows.ts'

/** How many requests this process takes in a window: of each token or integrator, and of each address without either. */
export class RateLimits {
  readonly #callers: FixedWindows
  readonly #strangers: FixedWindows

  constructor(perMinute: number, system: System) {
    const limit = limitOfWindow(perMinute)
    this.#callers = new FixedWindows(limit, system)
    this.#strangers = new FixedWindows(limit, system)
  }

  countCaller(id: string): Standing {
    return this.#callers.count(id)
  }

  /** Counts a request from `address` that had no token, or one that is not good. */
  countStranger(address: string): Standing {
    return this.#strangers.count(clientNetwork(address))
  }

  /** Where `address` would stand if its next token turned out to be no good. */
  foreseeStranger(address: string): Standing {
    return this.#strangers.foresee(clientNetwork(address))
  }
}

/** Rounded up: whoever spreads their requests over the minute may make all of them. */
export function limitOfWindow(perMinute: number): number {
  return Math.ceil((perMinute * limits.rateLimitWindowSeconds) / 60)
}
