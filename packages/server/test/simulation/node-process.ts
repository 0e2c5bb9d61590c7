import type { Look, NodeRow, SilentNode } from '../../src/cluster/barrier.ts'
import type { LeaseClock } from '../../src/cluster/lease-clock.ts'
import type { NodeProtocol } from '../../src/cluster/node-protocol.ts'
import type { Batch, Grant, StoreRequest } from '../../src/cluster/store-requests.ts'
import type { Operation, Verification } from './history.ts'
import { KeysetMemory } from './keyset-memory.ts'
import type { Machine } from './machine.ts'
import type { Question } from './network.ts'
import type { Loaded, Mutated, SimulatedChange, StoredSecret } from './simulated-store.ts'
import type { World } from './world.ts'

const maxAttempts = 8

interface Waiting {
  readonly verification: Verification
  attempts: number
}

/** One process on a machine: the driver of the protocol as a server has it, with virtual time and a simulated store. */
export class NodeProcess {
  readonly machine: Machine
  readonly node: NodeProtocol<SimulatedChange>
  readonly leaseClock: Pick<LeaseClock, 'nowMs'>
  isDead = false
  isLeaving = false
  readonly #world: World
  readonly #memory: KeysetMemory
  readonly #waiting = new Map<number, readonly Waiting[]>()
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
    if (!this.node.isHeld()) {
      answered('unavailable')
      return
    }
    let isSent = false
    this.#askOnce<Mutated>({
      execute: (answer) => {
        // The one message that no transport repeats.
        if (!isSent) answer(this.#commit(operation))
        isSent = true
      },
      receive: ({ epoch }) => (epoch === null ? answered('refused') : this.#await(epoch, answered)),
      failed: () => answered('unknown'),
    })
  }

  #commit(operation: Operation): Mutated {
    const { store } = this.#world
    const mutated = store.change(operation)
    if (mutated.endsAtMs !== null) operation.endsMs = store.trueMsOf(mutated.endsAtMs)
    if (mutated.isDone) {
      this.#world.pokeAll()
      for (const begin of this.#world.afterCommit.splice(0)) begin(this.machine)
    }
    this.#world.note(() => `store: ${operation.kind} ${operation.secret} -> epoch ${mutated.epoch}`)
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
      // Its guard lets it come at any later time.
      for (const silent of fence) this.#wakeAfter(this.#world.random.between(0, 200), () => this.#fence(silent))
      if (nextLookMs !== null) this.#wakeAfter(nextLookMs - parts.barrierClockMs(this), look)
    }
    const look = () =>
      this.#askOnce<readonly NodeRow[]>({
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
        for (const tell of this.#world.afterJoinOrFence) tell()
        this.#world.note(() => `${this.machine.name} fenced ${silent.nodeId} at ${silent.renewals}: ${isFenced}`)
      },
      failed: () => {},
    })
  }

  /** In one stretch: whether the lease is held, what the memory holds, and the answer. */
  #compare(waiting: Waiting): void {
    const { verification } = waiting
    const keyset = this.#memory.held(verification.workspace)
    waiting.attempts += 1
    if (this.isLeaving || !this.node.isHeld() || waiting.attempts > maxAttempts)
      this.#answer(verification, 'unavailable')
    else if (!keyset) this.#waitForLoad(waiting)
    else this.#answer(verification, this.#accepts(keyset, verification.secret) ? 'verified' : 'unverified')
  }

  #waitForLoad(waiting: Waiting): void {
    const { workspace } = waiting.verification
    const others = this.#waiting.get(workspace)
    this.#waiting.set(workspace, [...(others ?? []), waiting])
    if (!others) this.#load(workspace)
  }

  #accepts(keyset: readonly StoredSecret[], id: number): boolean {
    const secret = keyset.find((each) => each.id === id)
    if (!secret || secret.isDisabled) return false
    return secret.endsAtMs === null || this.node.storeTimeMs() < secret.endsAtMs
  }

  #answer(verification: Verification, outcome: Verification['outcome']): void {
    const { schedule, random } = this.#world
    const { disturbedUntilMs, steppedUntilMs } = this.machine
    this.#world.note(() => `${this.machine.name} answers for secret ${verification.secret}: ${outcome}`)
    verification.outcome = outcome
    verification.comparedFromMs = schedule.nowMs
    verification.comparedByMs = schedule.nowMs
    verification.answeredMs = schedule.nowMs + random.between(0.01, 0.4)
    verification.isCalm = verification.invokedMs > disturbedUntilMs
    verification.isTimeSure = schedule.nowMs > steppedUntilMs
  }

  #load(workspace: number): void {
    const { store, counts } = this.#world
    const ticket = this.#memory.beginLoad(workspace, this.node.applied)
    this.#askOnce<Loaded>({
      execute: (answer) => answer(store.load(workspace, this.machine.openSnapshot ?? store.current)),
      receive: (loaded) => {
        const isKept = this.#memory.endLoad(workspace, ticket, loaded)
        if (!isKept) counts[loaded.epoch < ticket.applied ? 'staleLoads' : 'overtakenLoads'] += 1
        for (const waiting of this.#takeWaiting(workspace)) this.#compare(waiting)
      },
      failed: () => {
        this.#memory.abandonLoad(ticket)
        for (const { verification } of this.#takeWaiting(workspace)) this.#answer(verification, 'unavailable')
      },
    })
  }

  #takeWaiting(workspace: number): readonly Waiting[] {
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
    const { node } = this
    const { store, counts } = this.#world
    this.#world.note(() => `${this.machine.name} asks ${JSON.stringify(request)}`)
    switch (request.kind) {
      case 'register':
        counts.registrations += 1
        this.#askFor<Grant>(request, {
          execute: (answer) => store.register(request.nodeId, answer),
          receive: (grant) => {
            node.registered(request, grant)
            for (const tell of this.#world.afterRegistration) tell(this.machine)
          },
        })
        break
      case 'renew':
        this.#askFor<Grant | null>(request, {
          execute: (answer) => store.renew(request, answer),
          receive: (grant) => node.renewed(request, grant),
        })
        for (const begin of this.machine.afterRenewalSent.splice(0)) begin()
        break
      case 'read_changes':
        this.#askFor<Batch<SimulatedChange>>(request, {
          execute: (answer) => {
            if (!this.machine.isFeedStuck) answer(store.changesSince(request.since))
          },
          receive: (batch) => {
            if (batch.changes.length !== batch.current - request.since) counts.gaps += 1
            node.changesRead(request, batch)
          },
        })
        break
      case 'acknowledge':
        this.#askFor<void>(request, {
          execute: (answer) => answer(store.acknowledge(request.nodeId, request.epoch)),
          receive: () => node.acknowledged(request),
        })
        break
      case 'leave':
        this.#askFor<void>(request, {
          execute: (answer) => answer(store.leave(request.nodeId)),
          receive: () => {
            node.left(request)
            this.kill()
          },
        })
    }
  }

  /** A request of the protocol: replies that come late or twice are for the protocol to recognise. */
  #askFor<Reply>(request: StoreRequest, { execute, receive }: Omit<Question<Reply>, 'failed'>): void {
    let hasFailed = false
    this.#ask<Reply>({
      execute,
      receive: (reply) => {
        if (hasFailed) this.#world.counts.lateReplies += 1
        this.#world.note(() => `${this.machine.name} hears ${JSON.stringify(reply)} to ${JSON.stringify(request)}`)
        receive(reply)
        this.#pump()
      },
      failed: () => {
        hasFailed = true
        this.node.failed(request)
        this.#pump()
      },
    })
  }

  #askOnce<Reply>({ execute, receive, failed }: Question<Reply>): void {
    let isOver = false
    this.#ask<Reply>({
      execute,
      receive: (reply) => {
        if (!isOver) receive(reply)
        isOver = true
      },
      failed: () => {
        isOver = true
        failed()
      },
    })
  }

  #ask<Reply>(question: Question<Reply>): void {
    this.#world.network.ask({ process: this, machine: this.machine }, this.#world.store, question)
  }

  #wakeAfter(timerMs: number, run: () => void): void {
    const atMs = this.#world.schedule.nowMs + this.machine.clocks.trueMs(timerMs)
    this.#world.network.deliver(atMs, this, run)
  }
}
