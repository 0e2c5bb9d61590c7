import { describe, expect, it } from 'vitest'
import { ordinary } from './options.ts'
import { renderReport, reportOf } from './report.ts'
import { isAcceptance, runUnderFaults } from './run-under-faults.ts'
import { type BugName, seededBugs } from './seeded-bugs.ts'

/** A busy machine may take most of it for starting processes. */
const timeout = 300_000

const seed = 1

/** Longer than processes of a busy machine are kept waiting: none of them is without a lease for that alone. */
const leaseMs = 4000

/** Far below what a minute brings on a machine that has nothing else to do. */
const atLeast = { countedDeletes: 10, probesAfterDelete: 300, kindsOfFaults: 5 }

describe('three nodes on one database, while processes, links, clocks and the store fail', { timeout }, () => {
  it('accept nothing that was deleted, refuse nothing that lives, and are there unless a fault is', async () => {
    const options = { ...ordinary, leaseMs, seed }
    const report = reportOf(options, await runUnderFaults(options))
    const { violations, surprises, unavailable } = report
    expect({ violations, surprises, unavailable }, renderReport(report)).toEqual({
      violations: [],
      surprises: [],
      unavailable: { ...unavailable, outside: 0 },
    })
    expect(report.countedDeletes, renderReport(report)).toBeGreaterThan(atLeast.countedDeletes)
    expect(report.probesAfterDelete).toBeGreaterThan(atLeast.probesAfterDelete)
    expect(Object.keys(report.faults).length).toBeGreaterThan(atLeast.kindsOfFaults)
  })
})

/** It ends as soon as the bug is found; a busy machine may take a minute for starting processes. */
const durationMs = 120_000

describe('the same run', { timeout }, () => {
  it.for(Object.keys(seededBugs) as BugName[])('finds %s', async (bug, { annotate }) => {
    const { violations } = await runUnderFaults({ ...ordinary, durationMs, seed, bug })
    const accepted = violations.filter(isAcceptance)
    expect(accepted).not.toEqual([])
    await annotate(accepted[0] ?? '')
  })
})
