import { brokenPromises, type Epsilon } from '../../../../test-support/revocation/checker.ts'
import type { LeaseTiming } from '../../src/cluster/lease-timing.ts'
import { countProbes } from './count-probes.ts'
import { planFaults } from './faults.ts'
import type { History } from './history.ts'
import { Operator } from './operator.ts'
import { type Parts, productParts } from './parts.ts'
import { type Counts, World } from './world.ts'

export interface Run {
  /** What went wrong, in words. */
  readonly broken: readonly string[]
  readonly history: History
  readonly counts: Counts
  /** Empty unless it was asked for. */
  readonly trace: readonly string[]
}

/** Longer than anything takes that was sent while a fault lasted. */
const settleMs = 720

/** By acknowledgements alone, where nobody is poked and each finds out by its next renewal. */
const fastMs = 400

/** Whatever the parts: what is promised stays. */
const epsilon = epsilonOf(productParts.timing)

export function runSeed(parts: Parts, seed: number, isTraced = false): Run {
  const world = new World(parts, seed, isTraced)
  const operator = new Operator(world)
  const overMs = planFaults(world)
  operator.plan(100, overMs + 200)
  world.schedule.at(overMs + settleMs, () => expectRecovery(world, operator, overMs + parts.timing.waitMs))
  world.schedule.at(overMs + 10 * parts.timing.waitMs, () => fail(world, 'no change was answered after the faults'))
  world.schedule.run()

  const { history, counts, failures, trace = [] } = world
  counts.events = world.schedule.planned
  countProbes(history, counts)
  return { broken: [...failures, ...brokenPromises(history, epsilon)], history, counts, trace }
}

/** One delete may have to outwait who died; from then on every node holds a lease, and the next one is fast. */
function expectRecovery(world: World, operator: Operator, allHeldMs: number): void {
  const { schedule } = world
  operator.deleteKept(() => {
    schedule.at(Math.max(allHeldMs, schedule.nowMs + 150), () => {
      for (const machine of world.liveMachines) {
        if (machine.process?.node.isHeld()) world.counts.leases += 1
        else world.failures.push(`liveness: ${machine.name} holds no lease after the faults`)
      }
      operator.deleteKept(({ invokedMs, okMs }) => {
        if (okMs - invokedMs > fastMs) world.failures.push(`liveness: a delete took ${okMs - invokedMs} ms in the calm`)
        schedule.after(10, () => schedule.stop())
      })
    })
  })
}

function fail(world: World, reason: string): void {
  world.failures.push(`liveness: ${reason}`)
  world.schedule.stop()
}

/** From the bound on clock rates, over the whole length of a lease; early also by a round trip. */
function epsilonOf({ waitMs, usableMs }: LeaseTiming): Epsilon {
  const driftMs = waitMs - usableMs
  return { lateMs: driftMs, earlyMs: driftMs + 100, earlyAfterFaultMs: driftMs + usableMs }
}
