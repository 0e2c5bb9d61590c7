import type { Operation } from './history.ts'
import type { Machine } from './machine.ts'
import type { Mutation } from './simulated-store.ts'
import { type World, workspaces } from './world.ts'

type Target = Pick<Mutation, 'secret' | 'workspace'>

/** Longer than a barrier takes. */
const patienceMs = 2000

/** Clients that change secrets through any node, and verify with them on every node before and after. */
export class Operator {
  readonly #world: World
  readonly #live: Target[]
  /** For the end, however many were deleted before. */
  readonly #kept: Target[]

  constructor(world: World) {
    this.#world = world
    this.#live = world.history.operations.map(({ secret, workspace }) => ({ secret, workspace }))
    this.#kept = this.#live.splice(0, 2)
    world.afterJoinOrFence.push(() => this.#deleteSoon())
    world.afterRegistration.push((machine) => this.#probeDeleted(machine))
  }

  /** Open loop: what happens does not change when the next is asked. */
  plan(fromMs: number, untilMs: number): void {
    const { random, schedule } = this.#world
    for (let atMs = fromMs; atMs < untilMs; atMs += random.between(20, 220)) {
      schedule.at(atMs, () => this.#change())
    }
    for (let atMs = fromMs; atMs < untilMs; atMs += random.between(5, 60)) {
      schedule.at(atMs, () => this.#probeSomewhere())
    }
  }

  /** Deletes one of those kept, asking again until it is answered. */
  deleteKept(done: (operation: Operation) => void): void {
    const target = this.#kept.pop()
    if (!target) throw new Error('two are kept, for two deletes at the end')
    this.#probeEverywhere(target, 0)
    this.#world.schedule.after(30, () => this.#delete(target, done))
  }

  #change(): void {
    const { random } = this.#world
    const kind = random.pick(['delete', 'delete', 'delete', 'create', 'create', 'disable', 'enable', 'retire'] as const)
    const target = this.#live[random.index(this.#live.length)]
    if (kind === 'create' || !target) this.#create()
    else if (kind !== 'delete') this.#run(kind, target, () => {})
    else this.#deleteLive()
  }

  #deleteLive(): void {
    const [target] = this.#live.splice(this.#world.random.index(this.#live.length), 1)
    if (target) this.#delete(target, () => {})
  }

  #deleteSoon(): void {
    const { random, schedule } = this.#world
    if (random.chance(0.7)) schedule.after(random.between(0, 30), () => this.#deleteLive())
  }

  #create(): void {
    const { random } = this.#world
    const target = { secret: this.#world.newSecret(), workspace: random.index(workspaces) }
    this.#run('create', target, ({ outcome }) => {
      if (outcome === 'ok') this.#live.push(target)
    })
  }

  /** Its secret is seen on every node before, so that each holds what is to go. */
  #delete(target: Target, done: (operation: Operation) => void): void {
    const { random, schedule, counts } = this.#world
    const ask = (answered: (operation: Operation) => void) => this.#run('delete', target, answered)
    this.#probeEverywhere(target, 0)
    schedule.after(random.pick([0, 1, 5, 20]), () =>
      ask((operation) => {
        if (operation.outcome === 'ok') done(operation)
        else schedule.after(random.between(30, 120), () => this.#delete(target, done))
        if (operation.outcome !== 'ok') counts.repeatedDeletes += 1
      }),
    )
    // A caller that hangs up and asks another node.
    if (random.chance(0.2)) schedule.after(random.between(1, 200), () => ask(() => {}))
  }

  #run(kind: Mutation['kind'], target: Target, answered: (operation: Operation) => void): void {
    const { random, schedule, network } = this.#world
    const machine = random.pick(this.#world.machines)
    const operation = this.#newOperation(kind, target, machine)
    let isOver = false
    const end = (outcome: Operation['outcome']) => {
      if (isOver) return
      isOver = true
      this.#note(operation, outcome)
      answered(operation)
    }
    const { process } = machine
    if (process) network.deliver(schedule.nowMs, process, () => process.change(operation, end))
    else end('unavailable')
    schedule.after(patienceMs, () => end('unknown'))
  }

  #newOperation(kind: Mutation['kind'], target: Target, machine: Machine): Operation {
    const { random, schedule, history } = this.#world
    const operation: Operation = {
      kind,
      ...target,
      graceMs: kind === 'retire' ? random.between(20, 900) : 0,
      machine: machine.name,
      invokedMs: schedule.nowMs,
      okMs: Number.POSITIVE_INFINITY,
      outcome: 'unknown',
      endsMs: Number.POSITIVE_INFINITY,
    }
    history.operations.push(operation)
    return operation
  }

  #note(operation: Operation, outcome: Operation['outcome']): void {
    const { kind, secret, machine } = operation
    operation.outcome = outcome
    this.#world.note(() => `client: ${kind} ${secret} through ${machine}: ${outcome}`)
    if (outcome === 'unknown') this.#world.counts.unknownOutcomes += 1
    if (outcome !== 'ok') return
    operation.okMs = this.#world.schedule.nowMs
    this.#probeAfter(operation)
  }

  #probeDeleted(machine: Machine): void {
    const { random, schedule, history } = this.#world
    const deleted = history.operations.filter(({ kind }) => kind === 'delete').slice(-3)
    for (const operation of deleted) this.#world.probe(machine, operation, schedule.nowMs + random.between(0, 20))
  }

  #probeSomewhere(): void {
    const { random, schedule, machines, history } = this.#world
    this.#world.probe(random.pick(machines), random.pick(history.operations), schedule.nowMs)
  }

  /** At once on each node, soon or sometime later, and about when a retired secret ends. */
  #probeAfter(operation: Operation): void {
    const { random, schedule, machines, parts } = this.#world
    this.#probeEverywhere(operation, 1)
    if (operation.kind === 'create') return
    for (const machine of machines) {
      const withinMs = random.pick([150, 1.5 * parts.timing.waitMs])
      this.#world.probe(machine, operation, schedule.nowMs + random.between(0, withinMs))
      if (operation.endsMs === Number.POSITIVE_INFINITY) continue
      this.#world.probe(machine, operation, operation.endsMs + random.between(-300, 600))
    }
  }

  #probeEverywhere(target: Target, withinMs: number): void {
    const { random, schedule, machines } = this.#world
    for (const machine of machines) this.#world.probe(machine, target, schedule.nowMs + random.between(0, withinMs))
  }
}
