import { setTimeout as pause } from 'node:timers/promises'
import { pathToFileURL } from 'node:url'
import { leaseTiming } from '../../packages/server/src/cluster/lease-timing.ts'
import { Random } from '../../test-support/random.ts'
import { brokenPromises, type Epsilon } from '../../test-support/revocation/checker.ts'
import { Cluster } from './cluster.ts'
import { FaultSchedule } from './fault-schedule.ts'
import type { Scene } from './faults.ts'
import { type Deletion, deletionsOf } from './gates.ts'
import { makeWorkspaces } from './make-workspaces.ts'
import { Moment } from './moment.ts'
import type { Node } from './node.ts'
import { Operator } from './operator.ts'
import { Population } from './population.ts'
import { probe } from './prober.ts'
import { show } from './questions.ts'
import { Recorder } from './recorder.ts'
import { type BugName, type SeededBug, seededBugs } from './seeded-bugs.ts'

export interface RunOptions {
  readonly nodes: number
  readonly durationMs: number
  readonly leaseMs: number
  readonly seed: number
  /** How many subjects live at once. */
  readonly lanes: number
  readonly faultsAtOnce: number
  /** Of each node. */
  readonly probesPerSecond: number
  /** With a bug the run ends as soon as it is found. */
  readonly bug: BugName | null
}

export interface Outcome {
  readonly recorder: Recorder
  /** What each node has printed. */
  readonly logs: Readonly<Record<string, string>>
  readonly deletions: readonly Deletion[]
  readonly faults: ReadonlyMap<string, number>
  /** Of S1 to S4, in words. */
  readonly violations: readonly string[]
  /** Whatever else was not as it has to be. */
  readonly surprises: readonly string[]
}

const noBug: SeededBug = { edits: [], faults: [] }
const lookEveryMs = 500
/** For what was begun before the last fault was over. */
const settleMs = 20_000

/** Of a promise that was broken to somebody's harm. */
export function isAcceptance(violation: string): boolean {
  return /^S\d accepted/.test(violation)
}

/** Real servers on a real database, while things go wrong; everything that they answer is recorded and judged. */
export async function runUnderFaults(options: RunOptions): Promise<Outcome> {
  const bug: SeededBug = options.bug === null ? noBug : seededBugs[options.bug]
  const recorder = new Recorder(leaseTiming(options.leaseMs).waitMs)
  const onEnd = (name: string, printed: string) =>
    recorder.surprises.push(`${name} ended by itself: ${lastWords(printed)}`)
  await using cluster = await Cluster.start({ ...options, nodeArguments: argumentsFor(options.bug), onEnd })
  const run = new Run(cluster, recorder, options, bug.faults)
  return await run.toItsEnd()
}

class Run {
  readonly #cluster: Cluster
  readonly #options: RunOptions
  readonly #random: Random
  readonly #recorder: Recorder
  readonly #population = new Population()
  readonly #moment = new Moment()
  readonly #schedule: FaultSchedule
  /** The bug was seen: nobody needs the rest. */
  readonly #found = new AbortController()
  readonly #ended = new AbortController()

  constructor(cluster: Cluster, recorder: Recorder, options: RunOptions, firstFaults: readonly string[]) {
    const { waitMs } = leaseTiming(options.leaseMs)
    this.#cluster = cluster
    this.#options = options
    this.#random = new Random(options.seed)
    this.#recorder = recorder
    this.#schedule = new FaultSchedule(this.#scene(waitMs), this.#recorder, firstFaults)
  }

  async toItsEnd(): Promise<Outcome> {
    const workspaces = await makeWorkspaces(this.#cluster)
    const endMs = performance.now() + this.#options.durationMs
    const isOver = () => this.#found.signal.aborted || performance.now() > endMs
    const endWatch = this.#schedule.watchMachine()
    // A bug has faults of its own, which another one would only hide.
    const faultsAtOnce = this.#options.bug === null ? this.#options.faultsAtOnce : 1
    const faults = repeat(faultsAtOnce, () => this.#schedule.run(isOver))
    const clients = this.#clients(new Operator(this.#parts(), workspaces), isOver)
    await this.#watch(isOver)
    await Promise.all(faults)
    if (!this.#found.signal.aborted) {
      await Promise.race([clients, pause(settleMs)])
      for (const node of this.#cluster.nodes) await this.#sweep(node)
    }
    endWatch()
    this.#ended.abort()
    return this.#outcome()
  }

  #parts() {
    return {
      cluster: this.#cluster,
      recorder: this.#recorder,
      random: this.#random,
      population: this.#population,
      moment: this.#moment,
      patience: this.#options.bug === null ? 0.3 : 0.9,
      ended: this.#ended.signal,
    }
  }

  #scene(waitMs: number): Scene {
    const { signal } = this.#found
    return {
      ...{ cluster: this.#cluster, random: this.#random, moment: this.#moment, waitMs },
      // Cut short, it has only ended sooner.
      pause: (milliseconds) => pause(milliseconds, undefined, { signal }).catch(() => {}),
      isCutShort: () => signal.aborted,
      hasJoined: (node) => this.#greet(node),
    }
  }

  #clients(operator: Operator, isOver: () => boolean): Promise<unknown> {
    const { lanes, probesPerSecond: perSecond } = this.#options
    const probers = this.#cluster.nodes.map((node) => probe(node, { ...this.#parts(), perSecond }, isOver))
    const operators = repeat(lanes, () => operator.run(isOver))
    return Promise.all([...probers, ...operators].map((client) => client.catch((error) => this.#clientFailed(error))))
  }

  #clientFailed(error: unknown): void {
    if (!this.#ended.signal.aborted) this.#recorder.surprises.push(`a client of the run failed: ${String(error)}`)
  }

  async #watch(isOver: () => boolean): Promise<void> {
    while (!isOver()) {
      await pause(lookEveryMs)
      if (this.#options.bug !== null && this.#violations().some(isAcceptance)) this.#found.abort()
    }
  }

  #greet(node: Node): void {
    const { live, revoked } = this.#population
    for (const subject of [...live, ...revoked.slice(-20)]) void show(this.#recorder, node, subject)
  }

  /** To the end of the history: each that was ever revoked, once more. */
  async #sweep(node: Node): Promise<void> {
    for (const subject of this.#population.revoked) await show(this.#recorder, node, subject)
  }

  #violations(): readonly string[] {
    return brokenPromises(this.#recorder.history(), epsilonOf(this.#options.leaseMs))
  }

  #outcome(): Outcome {
    const { nodes } = this.#cluster
    return {
      recorder: this.#recorder,
      logs: Object.fromEntries(nodes.map(({ name, printed }) => [name, printed])),
      deletions: deletionsOf(this.#recorder, nodes),
      faults: this.#schedule.counts,
      violations: this.#violations(),
      surprises: this.#recorder.surprises,
    }
  }
}

/** What is published, and early by as long as a renewal may have taken. */
function epsilonOf(leaseMs: number): Epsilon {
  const { waitMs, usableMs } = leaseTiming(leaseMs)
  const driftMs = waitMs - usableMs
  return { lateMs: driftMs, earlyMs: driftMs + 300, earlyAfterFaultMs: driftMs + usableMs }
}

/** The fatal lines of a log, or its end. */
function lastWords(printed: string): string {
  const fatal = printed.split('\n').filter((line) => line.includes('"level":60'))
  return fatal.length > 0 ? fatal.join('\n') : printed.slice(-1000)
}

function argumentsFor(bug: BugName | null): readonly string[] {
  if (bug === null) return []
  const module = pathToFileURL(`${import.meta.dirname}/plant-bug.ts`)
  module.search = encodeURIComponent(bug)
  return ['--import', module.href]
}

function repeat(count: number, work: () => Promise<void>): readonly Promise<void>[] {
  return Array.from({ length: count }, work)
}
