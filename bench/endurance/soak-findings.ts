import type { Curve, Finding } from '../finding.ts'
import type { SelfReport } from '../scale/self-report.ts'
import { median } from '../statistics.ts'
import { aimedAt } from '../targets.ts'

/** What came of a soak, each tenth of it by itself. */
export interface Soaked {
  /** Verifications a second that were asked for. */
  readonly half: number
  readonly answered: number
  /** Of the windows, in their order. */
  readonly p99sMs: readonly number[]
  readonly faults: readonly string[]
  /** Secrets that were made and deleted. */
  readonly turns: number
  readonly tenthMs: number
  readonly tenths: readonly { readonly samples: readonly SelfReport[]; readonly collected: SelfReport | null }[]
  readonly cautions: ReadonlySet<string>
}

const fullMs = 600_000
const megabyte = 1e6

export function soakFindings(soaked: Soaked): Finding[] {
  const told = [...latencyFindings(soaked), errorFinding(soaked), ...memoryFindings(soaked)]
  const lengthMs = soaked.tenthMs * 10
  const reduced = lengthMs < fullMs ? { reducedTo: `in ${lengthMs / 1000} s` } : {}
  return told.map((finding) => ({ ...finding, ...reduced, cautions: [...soaked.cautions, ...soaked.faults] }))
}

function latencyFindings({ half, p99sMs }: Soaked): Finding[] {
  const usual = median(p99sMs)
  const worst = Math.max(...p99sMs)
  const each = `${p99sMs.length} windows`
  return [
    {
      unit: 'ms',
      subject: { what: `soak: p99 at half load (${Math.round(half)} req/s)`, figure: usual, rounds: p99sMs },
      baseline: { what: `worst of ${each}`, figure: worst, rounds: p99sMs },
      ratio: usual / worst,
      ...aimedAt('soak latency'),
      cautions: [],
    },
  ]
}

function errorFinding({ answered, faults, turns }: Soaked): Finding {
  return {
    unit: 'requests',
    subject: {
      what: `soak: errors, ${turns} secrets made and deleted`,
      figure: faults.length,
      rounds: [faults.length],
    },
    baseline: { what: 'all that were answered', figure: answered, rounds: [answered] },
    ratio: faults.length / answered,
    ...aimedAt('soak errors'),
    cautions: [],
  }
}

function memoryFindings({ tenths, tenthMs }: Soaked): Finding[] {
  const [second, last] = [tenths[1], tenths.at(-1)]
  const [early, late] = [tenths[0]?.collected, last?.collected]
  if (!early || !second || !late || !last) throw new RangeError('memory was not measured')
  const of = (name: 'residentBytes' | 'heapBytes', samples: readonly SelfReport[]) =>
    samples.map((sample) => sample[name] / megabyte)
  const curveOf = (what: string, name: 'residentBytes' | 'heapBytes'): Curve => ({
    what,
    over: 'minutes of the soak',
    points: tenths.map(({ samples }, index) => {
      const rounds = of(name, samples)
      return { at: ((index + 1) * tenthMs) / 60_000, figure: median(rounds), rounds }
    }),
  })
  const collected = (what: string, name: 'residentBytes' | 'heapBytes') =>
    beside(`soak: ${what} at the end, collected`, of(name, [late]), {
      ...{ than: 'after the first tenth', baseline: of(name, [early]) },
    })
  const running = (what: string, name: 'residentBytes' | 'heapBytes') => ({
    ...beside(`soak: ${what} in the last tenth`, of(name, last.samples), {
      ...{ than: 'in the second', baseline: of(name, second.samples) },
    }),
    curve: curveOf(what, name),
  })
  return [
    { ...collected('resident memory', 'residentBytes'), ...aimedAt('soak memory') },
    collected('heap', 'heapBytes'),
    // A heap that is not collected grows for some time.
    { ...running('resident memory', 'residentBytes'), ...(tenthMs * 10 < fullMs ? {} : aimedAt('soak memory')) },
    running('heap', 'heapBytes'),
  ]
}

function beside(
  what: string,
  figures: readonly number[],
  { than, baseline }: { readonly than: string; readonly baseline: readonly number[] },
): Finding {
  const [figure, before] = [median(figures), median(baseline)]
  return {
    unit: 'MB',
    subject: { what, figure, rounds: figures },
    baseline: { what: than, figure: before, rounds: baseline },
    ratio: figure / before,
    target: null,
    cautions: [],
  }
}
