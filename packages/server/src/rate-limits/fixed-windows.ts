import { limits } from '@cutover/contract'
import { LRUCache } from 'lru-cache'
import type { System } from '../system.ts'

const windowMs = limits.rateLimitWindowSeconds * 1000

/** Keys that are told apart at a time: what a flood of them can fill memory with. */
const maxKeys = 10_000

/** Where a key stands in the current window. */
export interface Standing {
  readonly limit: number
  readonly remaining: number
  readonly isOver: boolean
  /** Unix seconds at which the window ends; of that second on, everything is counted anew. */
  readonly resetsAtSeconds: number
  /** At least 1: a window ends after every moment in it. */
  readonly retryAfterSeconds: number
}

/**
 * Counts requests by key in windows that are the same for all keys, so that one cleared table begins the next. Past
 * `maxKeys` the key that was counted longest ago is forgotten: one that floods is not, however many others there are.
 */
export class FixedWindows {
  readonly #limit: number
  readonly #system: System
  readonly #counts = new LRUCache<string, number>({ max: maxKeys })
  #window = 0

  constructor(limit: number, system: System) {
    this.#limit = limit
    this.#system = system
  }

  /** How many keys are remembered. */
  get size(): number {
    return this.#counts.size
  }

  /** Counts one request of `key`. */
  count(key: string): Standing {
    const nowMs = this.#enterWindow()
    const count = (this.#counts.get(key) ?? 0) + 1
    this.#counts.set(key, count)
    return this.#standing(count, count > this.#limit, nowMs)
  }

  /** Where `key` would stand with one request more, which is not counted. */
  foresee(key: string): Standing {
    const nowMs = this.#enterWindow()
    const count = this.#counts.get(key) ?? 0
    return this.#standing(count, count >= this.#limit, nowMs)
  }

  #enterWindow(): number {
    const nowMs = this.#system.nowMs()
    const window = Math.floor(nowMs / windowMs)
    if (window !== this.#window) {
      this.#window = window
      this.#counts.clear()
    }
    return nowMs
  }

  #standing(count: number, isOver: boolean, nowMs: number): Standing {
    const endMs = (this.#window + 1) * windowMs
    return {
      limit: this.#limit,
      remaining: Math.max(0, this.#limit - count),
      isOver,
      resetsAtSeconds: endMs / 1000,
      retryAfterSeconds: Math.ceil((endMs - nowMs) / 1000),
    }
  }
}
