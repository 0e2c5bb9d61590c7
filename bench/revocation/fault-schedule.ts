import type { Cluster } from './cluster.ts'
import { clockFault, harmless, type NodeFault, nodeFaults, type Scene, type StoreFault, storeFaults } from './faults.ts'
import type { Node } from './node.ts'
import type { FaultWindow, Recorder } from './recorder.ts'

type Planned =
  | { readonly on: 'node'; readonly fault: NodeFault }
  | { readonly on: 'store' | 'none'; readonly fault: StoreFault }

/** How late a timer may be before the machine itself is to blame. */
const stallMs = 100
const tickMs = 50
const restMs = 6000

/** Faults one after another, each kind once before any comes again, and at most one on a node. */
export class FaultSchedule {
  readonly #scene: Scene
  readonly #recorder: Recorder
  readonly #all: readonly Planned[]
  readonly #first: Planned[]
  #deck: Planned[] = []
  #isStoreFaulted = false
  readonly #faulted = new Set<Node>()
  readonly counts = new Map<string, number>()

  /** `first`: names of those to begin with, in that order. */
  constructor(scene: Scene, recorder: Recorder, first: readonly string[]) {
    this.#scene = scene
    this.#recorder = recorder
    this.#all = plannedFor(scene.cluster)
    this.#first = first.flatMap((name) => this.#all.filter(({ fault }) => fault.name === name))
  }

  /** One lane of them, until then; more lanes may run at once. */
  async run(isOver: () => boolean): Promise<void> {
    const { random } = this.#scene
    while (!isOver()) {
      await this.#scene.pause(random.pick([random.between(0, 200), random.between(200, 1500)]))
      if (this.#first.length === 0 && this.#deck.length === 0) await this.#rest()
      const next = this.#draw()
      if (next.on === 'node') await this.#onNode(next.fault)
      else await this.#onStore(next)
    }
  }

  /** Tells of stalls of the whole machine, which are faults as well. @returns ends it */
  watchMachine(): () => void {
    let lastMs = performance.now()
    const timer = setInterval(() => {
      const nowMs = performance.now()
      if (nowMs - lastMs > tickMs + stallMs)
        this.#recorder.end(this.#recorder.begin('the machine stalled', 'every node', lastMs))
      lastMs = nowMs
    }, tickMs)
    return () => clearInterval(timer)
  }

  /** How it is without faults belongs to the picture as well. */
  async #rest(): Promise<void> {
    this.#deck = shuffled(this.#all, this.#scene)
    if (this.counts.size > 0) await this.#scene.pause(2 * this.#scene.waitMs + restMs)
  }

  #draw(): Planned {
    const first = this.#first.shift()
    if (first) return first
    const next = this.#deck.shift()
    if (!next) throw new Error('there are faults')
    return next
  }

  async #onNode(fault: NodeFault): Promise<void> {
    const { cluster, random } = this.#scene
    const free = cluster.nodes.filter(
      (node) => !this.#faulted.has(node) && (fault !== clockFault || node.clock !== null),
    )
    if (free.length === 0) return
    const node = random.pick(free)
    this.#faulted.add(node)
    await this.#during(fault.name, node.name, (durationMs) => fault.run(this.#scene, node, durationMs))
    this.#faulted.delete(node)
  }

  async #onStore({ on, fault }: Exclude<Planned, { on: 'node' }>): Promise<void> {
    // A restart in the middle of another fault of the store would undo that one.
    if (this.#isStoreFaulted) return
    this.#isStoreFaulted = true
    const excuses = on === 'store' ? 'every node' : 'no node'
    await this.#during(fault.name, excuses, (durationMs) => fault.run(this.#scene, null, durationMs))
    this.#isStoreFaulted = false
  }

  async #during(
    name: string,
    excuses: FaultWindow['excuses'],
    run: (durationMs: number) => Promise<void>,
  ): Promise<void> {
    this.counts.set(name, (this.counts.get(name) ?? 0) + 1)
    const window = this.#recorder.begin(name, excuses)
    await run(this.#durationMs())
    this.#recorder.end(window)
  }

  #durationMs(): number {
    const { random } = this.#scene
    return random.pick([random.between(100, 900), random.between(900, 2200), random.between(2200, 4500)])
  }
}

function plannedFor({ nodes }: Cluster): readonly Planned[] {
  const onNodes = nodes.some(({ clock }) => clock !== null) ? [...nodeFaults, clockFault] : nodeFaults
  return [
    ...onNodes.map((fault) => ({ on: 'node', fault }) as const),
    ...storeFaults.map((fault) => ({ on: 'store', fault }) as const),
    ...harmless.map((fault) => ({ on: 'none', fault }) as const),
  ]
}

function shuffled(planned: readonly Planned[], { random }: Scene): Planned[] {
  const drawn = planned.map((each) => ({ each, lot: random.next() }))
  return drawn.sort((one, other) => one.lot - other.lot).map(({ each }) => each)
}
