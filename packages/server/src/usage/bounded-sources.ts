/** How many sources of one secret are told apart between two flushes, and in the store. */
export const sourcesKept = 50

/** Shared by all secrets of a batch. */
export interface SourceBudget {
  left: number
}

export interface SourceCount {
  source: string
  count: number
  lastSeenMs: number
}

interface Slot extends SourceCount {
  /** How often it is passed over yet: once for each time it was seen again. */
  credit: number
}

/**
 * The sources of one secret, told apart in a fixed number of places: a caller may make up a new source for each call.
 * With all places taken, a newcomer gets the next one that has no credit left, so that whoever comes again and again
 * stays; what is displaced is counted on without its name.
 */
export class BoundedSources {
  /** Uses without a source, and those of displaced ones. */
  readonly nameless: SourceCount = { source: '', count: 0, lastSeenMs: 0 }
  readonly #budget: SourceBudget
  readonly #slots: Slot[] = []
  readonly #bySource = new Map<string, Slot>()
  #hand = 0

  constructor(budget: SourceBudget) {
    this.#budget = budget
  }

  count(source: string | undefined, atMs: number): void {
    const slot = source === undefined ? undefined : this.#bySource.get(source)
    if (slot) {
      add(slot, 1, atMs)
      slot.credit += 1
    } else if (!source || !this.#admit(source, atMs)) {
      add(this.nameless, 1, atMs)
    }
  }

  *all(): Generator<SourceCount> {
    yield* this.#slots
    if (this.nameless.count > 0) yield this.nameless
  }

  #admit(source: string, atMs: number): boolean {
    // PostgreSQL has no such character in a text, and would refuse the whole batch.
    if (source.includes('\0')) return false
    const slot = this.#slots.length < sourcesKept && this.#budget.left > 0 ? this.#newSlot() : this.#freedSlot()
    if (!slot) return false
    slot.source = source
    slot.count = 1
    slot.lastSeenMs = atMs
    slot.credit = 0
    this.#bySource.set(source, slot)
    return true
  }

  #newSlot(): Slot {
    const slot: Slot = { source: '', count: 0, lastSeenMs: 0, credit: 0 }
    this.#slots.push(slot)
    this.#budget.left -= 1
    return slot
  }

  #freedSlot(): Slot | undefined {
    const slot = this.#slots[this.#hand]
    if (!slot) return undefined
    this.#hand = (this.#hand + 1) % this.#slots.length
    if (slot.credit > 0) {
      slot.credit -= 1
      return undefined
    }
    add(this.nameless, slot.count, slot.lastSeenMs)
    this.#bySource.delete(slot.source)
    return slot
  }
}

function add(to: SourceCount, count: number, lastSeenMs: number): void {
  to.count += count
  if (lastSeenMs > to.lastSeenMs) to.lastSeenMs = lastSeenMs
}
