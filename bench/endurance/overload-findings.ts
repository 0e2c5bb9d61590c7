import type { Finding, Unit } from '../finding.ts'
import type { SelfReport } from '../scale/self-report.ts'
import { aimedAt } from '../targets.ts'
import type { CrowdFigures, PhaseFigures } from './crowd.ts'
import { itemsInBatch } from './questions.ts'

export interface Overloaded {
  /** Answered in a second by a server that is asked without a pause. */
  readonly maximum: number
  readonly connections: number
  readonly rest: SelfReport
  readonly samples: readonly SelfReport[]
  /** Of a delete in the midst of it. */
  readonly deleteMs: number
  readonly figures: CrowdFigures
}

const megabyte = 1e6
const fullMs = 10_000

export function overloadFindings(overloaded: Overloaded): Finding[] {
  const { maximum, deleteMs, figures, rest, samples } = overloaded
  const [before, during, after] = figures.phases
  if (!before || !during || !after) throw new RangeError('a crowd has three phases')
  const perSecond = (count: number) => count / during.seconds
  const peak = Math.max(...samples.map(({ residentBytes }) => residentBytes)) / megabyte
  const atRest = rest.residentBytes / megabyte
  const than = { what: 'the maximum', figure: maximum }
  const told = [
    beside(
      'requests/s',
      { what: `overload, batches of ${itemsInBatch}: asked for`, figure: perSecond(offered(during)) },
      than,
    ),
    beside('requests/s', { what: 'overload: sent', figure: perSecond(sent(during)) }, than),
    {
      ...beside('requests/s', { what: 'overload: answered right', figure: perSecond(during.counts.answered) }, than),
      ...aimedAt('overload goodput'),
    },
    beside('requests/s', { what: 'overload: 503 with Retry-After', figure: perSecond(during.counts.refused) }, than),
    ...lost(during),
    {
      ...beside(
        'requests',
        { what: 'overload: wrong answers', figure: 0 },
        { what: 'right, or 503', figure: during.counts.answered + during.counts.refused },
      ),
      ...aimedAt('overload answers'),
    },
    beside(
      'ms',
      { what: 'overload: p99 of what was answered', figure: during.p99Ms },
      {
        ...{ what: 'at half load before', figure: before.p99Ms },
      },
    ),
    beside(
      'ms',
      { what: 'overload: a DELETE in its midst', figure: deleteMs },
      {
        ...{ what: 'a verification then', figure: during.p99Ms },
      },
    ),
    {
      ...beside(
        'MB',
        { what: 'overload: most memory, over that at rest', figure: peak - atRest },
        {
          ...{ what: 'at rest', figure: atRest },
        },
      ),
      ...aimedAt('overload memory'),
    },
    recovery(overloaded, after),
  ]
  const reduced = during.seconds * 1000 < fullMs ? { reducedTo: `in ${during.seconds} s` } : {}
  return told.map((finding) => ({ ...finding, ...reduced }))
}

function lost({ counts }: PhaseFigures): Finding[] {
  const of = { what: 'asked for', figure: Object.values(counts).reduce((sum, each) => sum + each, 0) }
  return [
    beside('requests', { what: 'overload: found no free connection', figure: counts.unsent }, of),
    beside('requests', { what: 'overload: gave up after 2 s', figure: counts.gaveUp }, of),
    beside('requests', { what: 'overload: connection broken off', figure: counts.brokenOff }, of),
  ]
}

/** Where there was none, as long as it was looked for. */
function recovery({ figures }: Overloaded, after: PhaseFigures): Finding {
  const recoveryMs = figures.recoveryMs ?? after.seconds * 1000
  return {
    ...beside(
      'ms',
      { what: 'overload: until all is well again', figure: recoveryMs },
      {
        ...{ what: 'p99 then', figure: after.p99Ms },
      },
    ),
    ...aimedAt('overload recovery'),
  }
}

function offered({ counts }: PhaseFigures): number {
  return Object.values(counts).reduce((sum, each) => sum + each, 0)
}

function sent(phase: PhaseFigures): number {
  return offered(phase) - phase.counts.unsent
}

interface Told {
  readonly what: string
  readonly figure: number
}

function beside(unit: Unit, subject: Told, baseline: Told): Finding {
  return {
    unit,
    subject: { ...subject, rounds: [subject.figure] },
    baseline: { ...baseline, rounds: [baseline.figure] },
    ratio: subject.figure / baseline.figure,
    target: null,
    cautions: [],
  }
}
