import type { Random } from '../../../../test-support/random.ts'
import type { Clocks } from '../../src/cluster/lease-clock.ts'
import type { NodeProcess } from './node-process.ts'
import type { Schedule } from './schedule.ts'
import type { Snapshot } from './simulated-store.ts'

/** How clocks may run at worst, and some of what is between. */
function clockRate(random: Random): number {
  return random.pick([0.9, 0.9, 1, 1.1, 1.1, random.between(0.9, 1.1)])
}

/** A machine's two clocks, each at its own rate within the bound. */
class MachineClocks implements Clocks {
  readonly #schedule: Schedule
  readonly #monotonicRate: number
  readonly #wallRate: number
  #monotonicMs: number
  #wallMs: number

  constructor(schedule: Schedule, random: Random) {
    this.#schedule = schedule
    this.#monotonicRate = clockRate(random)
    this.#wallRate = clockRate(random)
    this.#monotonicMs = random.between(0, 1e6)
    this.#wallMs = 1.79e12 + random.between(-6e5, 6e5)
  }

  monotonicMs(): number {
    return this.#monotonicMs + this.#monotonicRate * this.#schedule.nowMs
  }

  wallMs(): number {
    return Math.floor(this.#wallMs + this.#wallRate * this.#schedule.nowMs)
  }

  /** How long a timer of this machine takes. */
  trueMs(timerMs: number): number {
    return timerMs / this.#monotonicRate
  }

  stepWall(byMs: number): void {
    this.#wallMs += byMs
  }

  /** To be read again only when that time has passed. */
  standStill(forMs: number): void {
    this.#monotonicMs -= this.#monotonicRate * forMs
  }
}

export class Machine {
  readonly name: string
  readonly clocks: MachineClocks
  process: NodeProcess | undefined
  /** Where it goes, whoever runs on it. */
  frozenUntilMs = 0
  /** Until then it may refuse to answer. */
  disturbedUntilMs = 0
  /** Until then its wall clock may have put its store time early. */
  steppedUntilMs = 0
  /** How often it is not told of a change. */
  readonly pokeLoss: number
  lossToStore = 0
  lossFromStore = 0
  slowMs = 0
  isFeedStuck = false
  /** Loads read this one, on a connection whose transaction was left open; and say so. */
  openSnapshot: Snapshot | undefined

  readonly afterRenewalSent: (() => void)[] = []

  constructor(name: string, schedule: Schedule, random: Random) {
    this.name = name
    this.clocks = new MachineClocks(schedule, random)
    this.pokeLoss = random.pick([0, 0.5, 1])
  }

  disturb(untilMs: number): void {
    this.disturbedUntilMs = Math.max(this.disturbedUntilMs, untilMs)
  }
}
