interface Event {
  readonly atMs: number
  readonly order: number
  readonly run: () => void
}

/** Virtual time: events in the order of their times, those of one time in the order in which they were planned. */
export class Schedule {
  readonly #heap: Event[] = []
  #order = 0
  #nowMs = 0
  #isOver = false

  get nowMs(): number {
    return this.#nowMs
  }

  /** How many events were planned so far. */
  get planned(): number {
    return this.#order
  }

  at(atMs: number, run: () => void): void {
    this.#order += 1
    this.#heap.push({ atMs: Math.max(atMs, this.#nowMs), order: this.#order, run })
    this.#rise(this.#heap.length - 1)
  }

  after(delayMs: number, run: () => void): void {
    this.at(this.#nowMs + delayMs, run)
  }

  stop(): void {
    this.#isOver = true
  }

  run(): void {
    for (let event = this.#take(); event && !this.#isOver; event = this.#take()) {
      this.#nowMs = event.atMs
      event.run()
    }
  }

  #take(): Event | undefined {
    const first = this.#heap[0]
    const last = this.#heap.pop()
    if (last && last !== first) {
      this.#heap[0] = last
      this.#sink()
    }
    return first
  }

  #rise(from: number): void {
    const heap = this.#heap
    const event = heap[from]
    if (!event) return
    let index = from
    while (index > 0) {
      const above = (index - 1) >> 1
      const parent = heap[above]
      if (!parent || isBefore(parent, event)) break
      heap[index] = parent
      index = above
    }
    heap[index] = event
  }

  #sink(): void {
    const heap = this.#heap
    const event = heap[0]
    if (!event) return
    let index = 0
    for (;;) {
      const left = heap[2 * index + 1]
      const right = heap[2 * index + 2]
      const goesRight = right !== undefined && left !== undefined && isBefore(right, left)
      const child = goesRight ? right : left
      if (!child || isBefore(event, child)) break
      heap[index] = child
      index = 2 * index + (goesRight ? 2 : 1)
    }
    heap[index] = event
  }
}

function isBefore(one: Event, other: Event): boolean {
  return one.atMs < other.atMs || (one.atMs === other.atMs && one.order < other.order)
}
