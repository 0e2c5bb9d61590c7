import { Random } from '../../../../test-support/random.ts'
import type { History, Operation, Verification } from './history.ts'
import { Machine } from './machine.ts'
import { Network } from './network.ts'
import { NodeProcess } from './node-process.ts'
import type { Parts } from './parts.ts'
import { Schedule } from './schedule.ts'
import type { SimulatedStore, StoredSecret } from './simulated-store.ts'

export const workspaces = 3

/** What a run went through, so that it is known what the runs prove. */
export function noCounts() {
  return {
    events: 0,
    faults: 0,
    deletes: 0,
    deletesSeenLive: 0,
    probes: 0,
    probesAtOnce: 0,
    probesRefusedAfterDelete: 0,
    probesAfterEnd: 0,
    probesBeforeEnd: 0,
    calmProbes: 0,
    unavailable: 0,
    acknowledged: 0,
    outwaited: 0,
    fenced: 0,
    gaps: 0,
    registrations: 0,
    overtakenLoads: 0,
    staleLoads: 0,
    lateReplies: 0,
    leases: 0,
    kills: 0,
    unknownOutcomes: 0,
    repeatedDeletes: 0,
  }
}

export type Counts = ReturnType<typeof noCounts>

/** One run: a store, machines, and what has happened so far. */
export class World {
  readonly parts: Parts
  readonly schedule = new Schedule()
  readonly random: Random
  readonly network: Network
  readonly store: SimulatedStore
  readonly machines: Machine[] = []
  readonly history: History = { operations: [], verifications: [] }
  readonly counts = noCounts()
  /** What went wrong while it ran, beside what the history shows. */
  readonly failures: string[] = []
  readonly trace: string[] | undefined
  readonly afterCommit: ((by: Machine) => void)[] = []
  /** A process starts, or a row is fenced: a good moment to delete something. */
  readonly afterJoinOrFence: (() => void)[] = []
  /** A process was registered: a good moment to see what it accepts. */
  readonly afterRegistration: ((on: Machine) => void)[] = []
  #secrets = 0

  constructor(parts: Parts, seed: number, isTraced: boolean) {
    this.parts = parts
    this.trace = isTraced ? [] : undefined
    this.random = new Random(seed)
    this.network = new Network(this.schedule, this.random)
    this.store = parts.store(this.schedule, this.random, this.#initialKeysets())
    for (let count = this.random.pick([2, 2, 3, 3, 3, 4, 5]); count > 0; count -= 1) this.join()
  }

  note(text: () => string): void {
    this.trace?.push(`${this.schedule.nowMs.toFixed(2).padStart(9)}  ${text()}`)
  }

  newSecret(): number {
    this.#secrets += 1
    return this.#secrets
  }

  join(): Machine {
    const machine = new Machine(`m${this.machines.length + 1}`, this.schedule, this.random)
    this.machines.push(machine)
    this.start(machine)
    return machine
  }

  start(machine: Machine): void {
    if (machine.process) return
    machine.disturb(Math.max(this.schedule.nowMs, this.store.pausedUntilMs) + 150)
    machine.process = new NodeProcess(this, machine)
    machine.process.begin()
    for (const tell of this.afterJoinOrFence) tell()
  }

  get liveMachines(): Machine[] {
    return this.machines.filter(({ process }) => process && !process.isLeaving)
  }

  /** One request of a client to verify with a secret, sent at that time, whatever will be then. */
  probe(machine: Machine, { secret, workspace }: Pick<Operation, 'secret' | 'workspace'>, atMs: number): void {
    this.schedule.at(atMs, () => {
      const invokedMs = this.schedule.nowMs
      const compared = { comparedFromMs: invokedMs, comparedByMs: invokedMs }
      const answer = { ...compared, answeredMs: invokedMs, isCalm: false, isTimeSure: false }
      const verification: Verification = {
        machine: machine.name,
        secret,
        workspace,
        invokedMs,
        outcome: 'none',
        ...answer,
      }
      this.history.verifications.push(verification)
      const { process } = machine
      if (process)
        this.network.deliver(invokedMs + this.random.between(0.01, 0.4), process, () => process.verify(verification))
    })
  }

  /** Each process hears of a commit, or does not. */
  pokeAll(): void {
    for (const machine of this.machines) {
      const { process } = machine
      if (process && !this.random.chance(machine.pokeLoss)) this.network.tell(machine, process, () => process.poke())
    }
  }

  #initialKeysets(): readonly (readonly StoredSecret[])[] {
    const before = { machine: '', invokedMs: -2, okMs: -1, outcome: 'ok', endsMs: Number.POSITIVE_INFINITY } as const
    return Array.from({ length: workspaces }, (_, workspace) =>
      Array.from({ length: 2 }, () => {
        const secret = this.newSecret()
        this.history.operations.push({ kind: 'create', secret, workspace, graceMs: 0, ...before })
        return { id: secret, isDisabled: false, endsAtMs: null }
      }),
    )
  }
}
