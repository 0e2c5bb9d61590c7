interface Event {
  readonly atMs: number
  /** Of events at the same time, the one that was planned first comes first. */
  readonly order: number
  readonly run: () => void
}

const dayMs = 8
/** As many as a run may take; set out at once, since a list that grows by leaps is slow. */
const days = 2048

/** Virtual time: events in their order, kept by day, so that only those of one day are ever sorted. */
export class Schedule {
  readonly #days = Array.from<Event[] | undefined>({ length: days })
  #today = 0
  /** In order, from `#next` on. */
  #agenda: Event[] = []
  #next = 0
  #planned = 0
  #nowMs = 0
  #isOver = false

  get nowMs(): number {
    return this.#nowMs
  }

  /** How many events were planned so far. */
  get planned(): number {
    return this.#planned
  }

  /** What lies in the past happens now. */
  at(atMs: number, run: () => void): void {
    this.#planned += 1
    const event = { atMs: Math.max(atMs, this.#nowMs), order: this.#planned, run }
    const day = Math.floor(event.atMs / dayMs)
    const events = this.#days[day]
    if (day === this.#today) insert(this.#agenda, event)
    else if (events) events.push(event)
    else this.#days[day] = [event]
  }

  after(delayMs: number, run: () => void): void {
    this.at(this.#nowMs + delayMs, run)
  }

  stop(): void {
    this.#isOver = true
  }

  run(): void {
    while (!this.#isOver) {
      const event = this.#agenda[this.#next]
      if (event) {
        this.#next += 1
        this.#nowMs = event.atMs
        event.run()
      } else if (!this.#turnDay()) return
    }
  }

  /** Whether there is anything left to come. */
  #turnDay(): boolean {
    if (this.#today >= this.#days.length) return false
    this.#today += 1
    this.#agenda = []
    this.#next = 0
    for (const event of this.#days[this.#today] ?? []) insert(this.#agenda, event)
    this.#days[this.#today] = undefined
    return true
  }
}

function insert(agenda: Event[], event: Event): void {
  let index = agenda.length
  for (; index > 0; index -= 1) {
    const before = agenda[index - 1]
    if (!before || before.atMs <= event.atMs) break
    agenda[index] = before
  }
  agenda[index] = event
}
