import type { Random } from '../../../../test-support/random.ts'
import type { Machine } from './machine.ts'
import type { Schedule } from './schedule.ts'

/** Where events happen: later while it is paused, never once it is dead. */
export interface Host {
  readonly isDead: boolean
  readonly pausedUntilMs: number
}

/** One thing asked of the store: `execute` runs there, as often as the message arrives, and may answer later. */
export interface Question<Reply> {
  execute(answer: (reply: Reply) => void): void
  /** Also for a reply that comes twice, or after `failed`. */
  receive(reply: Reply): void
  failed(): void
}

/**
 * Messages between machines and the store, each with a fate of its own: every question goes its own way, as over many
 * connections, so that each may overtake each.
 */
export class Network {
  readonly #schedule: Schedule
  readonly #random: Random
  readonly #timeLimitMs: number

  constructor(schedule: Schedule, random: Random) {
    this.#schedule = schedule
    this.#random = random
    this.#timeLimitMs = random.pick([60, 200, 500])
  }

  deliver(atMs: number, host: Host, run: () => void): void {
    this.#schedule.at(atMs, () => {
      if (host.isDead) return
      if (host.pausedUntilMs > this.#schedule.nowMs) this.deliver(host.pausedUntilMs, host, run)
      else run()
    })
  }

  /** Over a connection of that machine; its time limit is one of the machine's timers. */
  ask<Reply>(from: { process: Host; machine: Machine }, store: Host, question: Question<Reply>): void {
    const { process, machine } = from
    let isAnswered = false
    const receive = (reply: Reply) => {
      isAnswered = true
      question.receive(reply)
    }
    const answer = (reply: Reply) => this.#send(machine.lossFromStore, machine, process, () => receive(reply))
    this.#send(machine.lossToStore, machine, store, () => question.execute(answer))
    const limitMs = this.#schedule.nowMs + machine.clocks.trueMs(this.#timeLimitMs)
    this.deliver(limitMs, process, () => {
      if (!isAnswered) question.failed()
    })
  }

  /** Told by the store without being asked: lost, late or twice, and nothing depends on it. */
  tell(machine: Machine, host: Host, run: () => void): void {
    this.#send(machine.lossFromStore, machine, host, run)
  }

  #send(loss: number, machine: Machine, to: Host, run: () => void): void {
    if (loss > 0 && this.#random.chance(loss)) return
    this.deliver(this.#schedule.nowMs + this.#delayMs(machine), to, run)
    if (this.#random.chance(0.01)) this.deliver(this.#schedule.nowMs + this.#random.between(0, 100), to, run)
  }

  #delayMs({ slowMs }: Machine): number {
    if (slowMs > 0) return this.#random.between(0, slowMs)
    return this.#random.chance(0.05) ? this.#random.between(2, 15) : this.#random.between(0.2, 2)
  }
}
