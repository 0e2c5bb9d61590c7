import { parseArgs } from 'node:util'
import type { RunOptions } from './run-under-faults.ts'
import { type BugName, seededBugs } from './seeded-bugs.ts'

/** As the test suite runs it; the command takes other numbers. */
export const ordinary = {
  nodes: 3,
  durationMs: 60_000,
  leaseMs: 2000,
  lanes: 6,
  faultsAtOnce: 2,
  probesPerSecond: 40,
  bug: null,
} as const satisfies Omit<RunOptions, 'seed'>

/** @throws TypeError in words for the person at the command line */
export function readOptions(argv: readonly string[]): RunOptions {
  const { values } = parseArgs({
    args: [...argv],
    options: {
      minutes: { type: 'string', default: '1' },
      nodes: { type: 'string', default: String(ordinary.nodes) },
      'lease-ms': { type: 'string', default: String(ordinary.leaseMs) },
      'faults-at-once': { type: 'string', default: String(ordinary.faultsAtOnce) },
      seed: { type: 'string', default: String(Date.now() % 1_000_000) },
      bug: { type: 'string' },
    },
  })
  const numberOf = (name: Exclude<keyof typeof values, 'bug'>, least: number, most: number) => {
    const value = Number(values[name])
    if (!(value >= least && value <= most)) throw new TypeError(`--${name} takes a number from ${least} to ${most}`)
    return value
  }
  return {
    ...ordinary,
    nodes: numberOf('nodes', 2, 9),
    durationMs: numberOf('minutes', 0.1, 1440) * 60_000,
    leaseMs: numberOf('lease-ms', 1000, 60_000),
    faultsAtOnce: numberOf('faults-at-once', 0, 9),
    seed: numberOf('seed', 0, 2 ** 31),
    bug: values.bug === undefined ? null : toBugName(values.bug),
  }
}

function toBugName(text: string): BugName {
  const names = Object.keys(seededBugs)
  if (!names.includes(text)) throw new TypeError(`--bug takes one of: ${names.join(', ')}`)
  return text as BugName // sound: it is one of the keys
}
