import type { Comparison } from './welch.ts'

/** The usual bound of such tests (TVLA): from here on two distributions count as different. */
const telltaleT = 4.5

export interface TimingFinding extends Comparison {
  readonly route: string
  readonly variant: 'as shipped' | 'planted leak'
  /** Of the integrator whose signature is wrong. */
  readonly secrets: number
  /** Of each kind. */
  readonly samples: number
  readonly keptShare: number
  /** Medians of all samples. */
  readonly unknownKeyNs: number
  readonly wrongSignatureNs: number
}

/** Nothing found as shipped, and the planted leak found: a test that cannot find that one proves nothing. */
export function isAsItMustBe({ t, variant }: TimingFinding): boolean {
  return variant === 'planted leak' ? Math.abs(t) >= telltaleT : Math.abs(t) < telltaleT
}

export function renderTiming(findings: readonly TimingFinding[]): string {
  const rows = findings.map((finding) => [
    finding.route,
    `${finding.secrets}`,
    finding.variant,
    toMicroseconds(finding.unknownKeyNs),
    toMicroseconds(finding.wrongSignatureNs),
    toMicroseconds(finding.differenceNs),
    finding.t.toFixed(2),
    isAsItMustBe(finding) ? 'yes' : 'NO',
  ])
  const table = [
    ['route', 'secrets', 'server', 'unknown key', 'wrong signature', 'difference', 't', 'as it must be'],
    ...rows,
  ]
  const widths = table[0]?.map((_, column) => Math.max(...table.map((row) => row[column]?.length ?? 0))) ?? []
  return table
    .map((row) =>
      row
        .map((cell, column) => cell.padEnd(widths[column] ?? 0))
        .join('  ')
        .trimEnd(),
    )
    .join('\n')
}

function toMicroseconds(ns: number): string {
  return `${(ns / 1000).toFixed(2)} µs`
}
