import type { Look, SilentNode } from '../../src/cluster/barrier.ts'
import type { LeaseClock } from '../../src/cluster/lease-clock.ts'
import type { NodeProtocol } from '../../src/cluster/node-protocol.ts'
import type { StoreRequest } from '../../src/cluster/store-requests.ts'
import { KeysetMemory } from './keyset-memory.ts'
import type { Operation, Verification } from './history.ts'
import type { Machine } from './machine.ts'
import type { Question } from './network.ts'
import type { Mutated, SimulatedChange, StoredSecret } from './simulated-store.ts'
import type { World } from './world.ts'

const maxAttempts = 8

/** One process on a machine: the driver of the protocol as a server has it, with virtual time and a simulated store. */
export class NodeProcess {
  readonly machine: Machine
  readonly node: NodeProtocol<SimulatedChange>
  readonly leaseClock: Pick<LeaseClock, 'nowMs'>
  isDead = false
  isLeaving = false
  readonly #world: World
  readonly #memory: KeysetMemory
  readonly #waiting = new Map<number, { readonly verification: Verification; attempts: number }[]>()
  #timerAtMs = Number.POSITIVE_INFINITY

  constructor(world: World, machine: Machine) {
    const { parts, random, schedule } = world
    this.#world = world
    this.machine = machine
    this.leaseClock = parts.leaseClock(machine.clocks)
    this.#memory = new KeysetMemory(parts.loads(), random.pick([1, 2, 3]))
    this.node = parts.node({
      timing: parts.timing,
      clock: this.leaseClock,
      memory: parts.memory(this.#memory, schedule),
      newNodeId: () => `${machine.name}-${random.next()}`,
    })
  }

  get pausedUntilMs(): number {
    return this.machine.frozenUntilMs
  }

  begin(): void {
    this.#pump()
  }

  poke(): void {
    this.node.poke()
    this.#pump()
  }

  leave(): void {
    this.isLeaving = true
    this.node.leave()
    this.#pump()
  }

  kill(): void {
    this.isDead = true
    this.machine.process = undefined
  }

  verify(verification: Verification): void {
    this.#compare({ verification, attempts: 0 })
  }

  /** Runs one change, and tells its caller how it went once that may be told. */
  change(operation: Operation, answered: (outcome: Operation['outcome']) => void): void {
    if (!this.node.isHeld()) return answered('unavailable')
    const { store, network } = this.#world
    let isOver = false
    const end = (next: () => void) => {
      if (!isOver) next()
      isOver = true
    }
    network.ask<Mutated>({ process: this, machine: this.machine }, store, {
      execute: once((answer) => answer(this.#commit(operation))),
      receive: ({ epoch }) => end(() => (epoch === null ? answered('refused') : this.#await(epoch, answered))),
      failed: () => end(() => answered('unknown')),
    })
  }

  #commit(operation: Operation): Mutated {
    const { store, history } = this.#world
    const mutated = store.change(operation)
    if (mutated.endsAtMs !== null) operation.endsMs = store.trueMsOf(mutated.endsAtMs)
    if (mutated.isDone) this.#world.pokeAll()
    this.#world.note(`store: ${operation.kind} ${operation.secret} -> epoch ${mutated.epoch}, ${history.operations.length}`)
    return mutated
  }

  #await(epoch: number, answered: (outcome: 'ok') => void): void {
    const { parts } = this.#world
    const barrier = parts.barrier(parts.timing, epoch, parts.barrierClockMs(this))
    this.node.reach(epoch)
    this.#pump()
    let hasPassed = false
    const consider = ({ passed, fence, nextLookMs }: Look) => {
      if (passed !== 'no' && !hasPassed) {
        hasPassed = true
        this.#world.counts[passed] += 1
        answered('ok')
      }
      for (const silent of fence) this.#fence(silent)
      if (nextLookMs !== null) this.#wakeAfter(nextLookMs - parts.barrierClockMs(this), look)
    }
    const look = () =>
      this.#askOnce({
        execute: (answer) => answer(this.#world.store.nodes()),
        receive: (rows) => consider(barrier.look(rows, parts.barrierClockMs(this), parts.ownNode(this))),
        failed: () => consider(barrier.look(null, parts.barrierClockMs(this), parts.ownNode(this))),
      })
    look()
  }

  #fence(silent: SilentNode): void {
    this.#askOnce({
      execute: (answer) => answer(this.#world.store.fence(silent)),
      receive: (isFenced) => {
        if (isFenced) this.#world.counts.fenced += 1
        this.#world.note(`${this.machine.name} fenced ${silent.nodeId} at ${silent.renewals}: ${isFenced}`)
      },
      failed: () => {},
    })
  }

  /** In one stretch: whether the lease is held, what the memory holds, and the answer. */
  #compare(waiting: { readonly verification: Verification; attempts: number }): void {
    const { verification } = waiting
    if (this.isLeaving || !this.node.isHeld()) return this.#answer(verification, 'unavailable')
    const keyset = this.#memory.held(verification.workspace)
    if (keyset) return this.#answer(verification, this.#accepts(keyset, verification.secret) ? 'verified' : 'unverified')
    waiting.attempts += 1
    if (waiting.attempts > maxAttempts) return this.#answer(verification, 'unavailable')
    const others = this.#waiting.get(verification.workspace)
    if (others) others.push(waiting)
    else {
      this.#waiting.set(verification.workspace, [waiting])
      this.#load(verification.workspace)
    }
  }

  #accepts(keyset: readonly StoredSecret[], id: number): boolean {
    const secret = keyset.find((each) => each.id === id)
    if (!secret || secret.isDisabled) return false
    return secret.endsAtMs === null || this.node.storeTimeMs() < secret.endsAtMs
  }

  #answer(verification: Verification, outcome: Verification['outcome']): void {
    const { schedule, random } = this.#world
    const { disturbedUntilMs, steppedUntilMs } = this.machine
    verification.outcome = outcome
    verification.comparedMs = schedule.nowMs
    verification.answeredMs = schedule.nowMs + random.between(0.01, 0.4)
    verification.isCalm = verification.invokedMs > disturbedUntilMs
    verification.isTimeSure = schedule.nowMs > steppedUntilMs
  }

  #load(workspace: number): void {
    const { store, counts } = this.#world
    const ticket = this.#memory.beginLoad(workspace, this.node.applied)
    this.#askOnce({
      execute: (answer) => answer(store.load(workspace, this.machine.openSnapshot ?? store.current)),
      receive: (loaded) => {
        if (loaded.epoch < ticket.applied) counts.staleLoads += 1
        else if (!this.#memory.endLoad(workspace, ticket, loaded)) counts.overtakenLoads += 1
        this.#resume(workspace)
      },
      failed: () => {
        this.#memory.abandonLoad(ticket)
        for (const { verification } of this.#takeWaiting(workspace)) this.#answer(verification, 'unavailable')
      },
    })
  }

  #resume(workspace: number): void {
    for (const waiting of this.#takeWaiting(workspace)) this.#compare(waiting)
  }

  #takeWaiting(workspace: number) {
    const waiting = this.#waiting.get(workspace) ?? []
    this.#waiting.delete(workspace)
    return waiting
  }

  /** Sends what is due, and wakes when something is due next. */
  #pump(): void {
    for (const request of this.node.requestsDue()) this.#send(request)
    const atMs = this.#world.schedule.nowMs + this.machine.clocks.trueMs(this.node.nextTurnMs())
    if (atMs === Number.POSITIVE_INFINITY || atMs > this.#timerAtMs - 0.5) return
    this.#timerAtMs = atMs
    this.#world.network.deliver(atMs, this, () => {
      if (this.#timerAtMs === atMs) this.#timerAtMs = Number.POSITIVE_INFINITY
      this.#pump()
    })
  }

  #send(request: StoreRequest): void {
    const { store } = this.#world
    const { node } = this
    this.#world.note(`${this.machine.name} asks ${JSON.stringify(request)}`)
    switch (request.kind) {
      case 'register':
        this.#world.counts.registrations += 1
        return this.#askFor(request, {
          execute: (answer) => store.register(request.nodeId, answer),
          receive: (grant) => node.registered(request, grant),
        })
      case 'renew':
        return this.#askFor(request, {
          execute: (answer) => store.renew(request, answer),
          receive: (grant) => node.renewed(request, grant),
        })
      case 'read_changes':
        return this.#askFor(request, {
          execute: (answer) => this.machine.isFeedStuck || answer(store.changesSince(request.since)),
          receive: (batch) => {
            if (batch.changes.length !== batch.current - request.since) this.#world.counts.gaps += 1
            node.changesRead(request, batch)
          },
        })
      case 'acknowledge':
        return this.#askFor(request, {
          execute: (answer) => answer(store.acknowledge(request.nodeId, request.epoch)),
          receive: () => node.acknowledged(request),
        })
      case 'leave':
        return this.#askFor(request, {
          execute: (answer) => answer(store.leave(request.nodeId)),
          receive: () => {
            node.left(request)
            if (node.status.kind === 'left') this.kill()
          },
        })
    }
  }
}
