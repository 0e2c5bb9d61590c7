import type { Machine } from './machine.ts'
import type { World } from './world.ts'

type Fault = (world: World, machine: Machine, durationMs: number) => void

/** For so long a fault waits for its moment. */
const longestHoldMs = 150

const minuteMs = 60_000

/** Each begins when it is called, on that machine; it is to be over after the duration. */
const faults: Readonly<Record<string, Fault>> = {
  pause: ({ schedule }, machine, durationMs) => {
    machine.frozenUntilMs = Math.max(machine.frozenUntilMs, schedule.nowMs + durationMs)
  },
  sleep: ({ schedule }, machine, durationMs) => {
    // Nothing may read its clock before it is awake.
    if (machine.frozenUntilMs > schedule.nowMs) return
    machine.frozenUntilMs = schedule.nowMs + durationMs
    machine.clocks.standStill(durationMs)
  },
  'kill and restart': (world, machine, durationMs) => {
    if (machine.process) world.counts.kills += 1
    machine.process?.kill()
    restart(world, machine, durationMs)
  },
  'leave and restart': (world, machine, durationMs) => {
    machine.process?.leave()
    world.schedule.after(durationMs, () => machine.process?.kill())
    restart(world, machine, durationMs)
  },
  join: (world) => {
    if (world.machines.length < 6) world.join()
  },
  'join over an open snapshot': (world, { disturbedUntilMs }, durationMs) => {
    const joined = world.join()
    joined.disturb(disturbedUntilMs)
    faults['open snapshot']?.(world, joined, durationMs)
  },
  'partition to the store': (world, machine, durationMs) => lose(world, machine, durationMs, 1, 0),
  'partition from the store': (world, machine, durationMs) => lose(world, machine, durationMs, 0, 1),
  partition: (world, machine, durationMs) => lose(world, machine, durationMs, 1, 1),
  loss: (world, machine, durationMs) => lose(world, machine, durationMs, 0.3, 0.3),
  slowness: ({ schedule, random }, machine, durationMs) => {
    machine.slowMs = random.between(20, 700)
    schedule.after(durationMs, () => {
      machine.slowMs = 0
    })
  },
  'stuck feed': ({ schedule }, machine, durationMs) => {
    machine.isFeedStuck = true
    schedule.after(durationMs, () => {
      machine.isFeedStuck = false
    })
  },
  'open snapshot': ({ schedule, store }, machine, durationMs) => {
    machine.openSnapshot = store.current
    schedule.after(durationMs, () => {
      machine.openSnapshot = undefined
    })
  },
  'wall clock set': ({ schedule, random, parts }, machine) => {
    const byMs = random.pick([-10, -1, 0.01, 1, 10]) * minuteMs
    machine.clocks.stepWall(byMs)
    machine.steppedUntilMs = schedule.nowMs + 3 * parts.timing.waitMs
  },
  'store stalls': ({ schedule, store, machines }, machine, durationMs) => {
    store.pausedUntilMs = schedule.nowMs + Math.min(durationMs, 800)
    for (const each of machines) each.disturb(machine.disturbedUntilMs)
  },
}

/** Plans some; returns when the last of them is over. */
export function planFaults(world: World): number {
  const { random, schedule } = world
  let overMs = 0
  // Never both: a wall clock set back while its machine sleeps hides the sleep, as if both clocks had stood still.
  const leftOut = random.pick(['sleep', 'wall clock set'])
  const names = Object.keys(faults).filter((name) => name !== leftOut)
  for (let count = random.pick([1, 2, 3, 4, 5]); count > 0; count -= 1) {
    const atMs = random.between(200, 900)
    const durationMs = random.pick([random.between(20, 400), random.between(400, 1300), random.between(1200, 1700)])
    const name = random.pick(names)
    overMs = Math.max(overMs, atMs + longestHoldMs + durationMs)
    schedule.at(atMs, () => aim(world, name, durationMs))
  }
  return overMs
}

/** At once, or where it hurts: when the machine has just asked for a lease, or the store has just committed a change. */
function aim(world: World, name: string, durationMs: number): void {
  const machine = world.random.pick(world.machines)
  let hasBegun = false
  const start = (by = machine) => {
    if (!hasBegun) begin(world, name, world.random.pick([machine, by]), durationMs)
    hasBegun = true
  }
  const moment = world.random.pick([null, machine.afterRenewalSent, world.afterCommit])
  moment?.push(start)
  world.schedule.after(moment ? longestHoldMs : 0, () => start())
}

function begin(world: World, name: string, machine: Machine, durationMs: number): void {
  machine.disturb(world.schedule.nowMs + durationMs + world.parts.timing.waitMs)
  world.note(() => `FAULT: ${name} at ${machine.name} for ${durationMs.toFixed(0)} ms`)
  world.counts.faults += 1
  faults[name]?.(world, machine, durationMs)
}

function lose(world: World, machine: Machine, durationMs: number, toStore: number, fromStore: number): void {
  machine.lossToStore = toStore
  machine.lossFromStore = fromStore
  world.schedule.after(durationMs, () => {
    machine.lossToStore = 0
    machine.lossFromStore = 0
  })
}

function restart(world: World, machine: Machine, afterMs: number): void {
  world.schedule.after(afterMs, () => {
    if (machine.frozenUntilMs > world.schedule.nowMs)
      restart(world, machine, machine.frozenUntilMs - world.schedule.nowMs)
    else world.start(machine)
  })
}
