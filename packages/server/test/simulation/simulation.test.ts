import { createHash } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { productParts } from './parts.ts'
import { runSeed } from './run-seed.ts'
import { seededBugs } from './seeded-bugs.ts'
import { noCounts } from './world.ts'

/** To see the events of one run, set this to the seed that was told, and filter for this file. */
const replayedSeed = process.env['CUTOVER_SIMULATION_SEED']
const tracedEvents = 400

const seeds = 10_000
const seedsOfOneTest = 1000
const seedsForOneBug = 1500

const blocks = Array.from({ length: seeds / seedsOfOneTest }, (_, index) => ({
  first: index * seedsOfOneTest + 1,
  last: (index + 1) * seedsOfOneTest,
}))

/** Over all seeds; what was counted is about half as much again. */
const atLeast = {
  faults: 15_000,
  deletes: 60_000,
  deletesSeenLive: 45_000,
  probesAtOnce: 200_000,
  probesRefusedAfterDelete: 600_000,
  probesBeforeEnd: 60_000,
  probesAfterEnd: 120_000,
  calmProbes: 700_000,
  acknowledged: 100_000,
  outwaited: 5000,
  fenced: 2000,
  gaps: 10_000,
  registrations: 30_000,
  overtakenLoads: 4000,
  staleLoads: 150_000,
  lateReplies: 15_000,
  leases: 30_000,
  kills: 1000,
  unknownOutcomes: 10_000,
  repeatedDeletes: 10_000,
} as const

describe.runIf(replayedSeed !== undefined)('one simulated run', () => {
  it(`keeps the promises of a revocation with seed ${replayedSeed}`, () => {
    const { broken, trace } = runSeed(productParts, Number(replayedSeed), true)
    process.stdout.write(`${trace.slice(-tracedEvents).join('\n')}\n`)
    expect(broken).toEqual([])
  })
})

describe.skipIf(replayedSeed !== undefined)('the revocation protocol, simulated', () => {
  const totals = noCounts()

  it.each(blocks)('keeps its promises with seeds $first to $last', { timeout: 60_000 }, ({ first, last }) => {
    for (let seed = first; seed <= last; seed += 1) {
      const { broken, counts } = runSeed(productParts, seed)
      expect(broken, `seed ${seed}: run again with CUTOVER_SIMULATION_SEED=${seed}`).toEqual([])
      expect(counts.deletesSeenLive, `deletes of a secret that was in use, with seed ${seed}`).toBeGreaterThan(0)
      expect(counts.probesAtOnce, `probes right after a delete, with seed ${seed}`).toBeGreaterThan(0)
      for (const name of keysOf(totals)) totals[name] += counts[name]
    }
  })

  it.each(keysOf(atLeast))('has gone through enough: %s', (name) => {
    expect(totals[name]).toBeGreaterThan(atLeast[name])
  })

  it('is the same run for the same seed', () => {
    for (let seed = 1; seed <= 20; seed += 1) expect(hashOfRun(seed), `seed ${seed}`).toBe(hashOfRun(seed))
    expect(hashOfRun(1)).not.toBe(hashOfRun(2))
  })
})

describe.skipIf(replayedSeed !== undefined)('the simulation', () => {
  it.for(Object.entries(seededBugs))('finds %s', { timeout: 60_000 }, async ([, parts], { annotate }) => {
    let seed = 0
    let accepted: string | undefined
    while (accepted === undefined && seed < seedsForOneBug) {
      seed += 1
      accepted = runSeed(parts, seed).broken.find((promise) => /^S\d accepted/.test(promise))
    }
    expect(accepted, `in ${seed} seeds`).toBeDefined()
    await annotate(`seed ${seed}: ${accepted}`)
  })
})

function hashOfRun(seed: number): string {
  const { history, counts } = runSeed(productParts, seed)
  return createHash('sha256').update(JSON.stringify({ history, counts })).digest('hex')
}

function keysOf<Key extends string>(counts: Record<Key, number>): Key[] {
  return Object.keys(counts) as Key[] // sound: it was made from these keys alone
}
