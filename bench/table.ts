import { type Finding, isMet, type Target, type Unit } from './finding.ts'
import type { settleTargets } from './targets.ts'

const heading = ['what', 'figure', 'baseline', 'ratio', 'target', 'met']

/** The findings for people, in the order given, each baseline named under its figure. */
export function renderTable(findings: readonly Finding[]): string {
  const cautions = new Set(findings.flatMap((finding) => finding.cautions))
  return [...aligned(heading, findings.map(toRow)), ...[...cautions].map((caution) => `! ${caution}`)].join('\n')
}

/** Every target, and what this run says of it: of a target that several figures settle, a line for each of them. */
export function renderTargets(settled: ReturnType<typeof settleTargets>): string {
  const rows = settled.flatMap(({ what, target, unit, findings }) => {
    const bound = toTarget(target, unit)
    if (findings.length === 0) return [[what, bound, '', 'not measured in this run', '']]
    return findings.map((finding) => [
      what,
      bound,
      target.of === 'ratio' ? toRatio(finding.figure) : toFigure(finding.figure, unit),
      finding.reducedTo === null ? toMet(finding.met) : `${finding.reducedTo}: ${toMet(finding.met)}`,
      finding.what,
    ])
  })
  return aligned(['target', 'bound', 'figure', 'met', 'measured'], rows, [true, false, false, true, true]).join('\n')
}

/** How figures grow: a table for each of what they grow with, a column for each place that was measured. */
export function renderCurves(findings: readonly Finding[]): string {
  const drawn = findings.flatMap(({ curve, unit }) => (curve ? [{ ...curve, unit }] : []))
  const tables = Map.groupBy(drawn, ({ over, points }) => `${over}: ${points.map(({ at }) => at).join()}`)
  return [...tables.values()]
    .map((curves) => {
      const [{ over, points } = { over: '', points: [] }] = curves
      const first = [`over ${over}`, ...points.map(({ at }) => at.toLocaleString('en'))]
      const rows = curves.map(({ what, unit, points }) => [what, ...points.map(({ figure }) => toFigure(figure, unit))])
      return aligned(first, rows).join('\n')
    })
    .join('\n\n')
}

/** Texts begin at the left, numbers end at the right. */
function aligned(
  first: readonly string[],
  rest: readonly (readonly string[])[],
  isText: readonly boolean[] = [true, false, false, false, true, true],
): readonly string[] {
  const widths = first.map((_, column) => Math.max(...[first, ...rest].map((row) => row[column]?.length ?? 0)))
  const line = (row: readonly string[]) =>
    row
      .map((cell, column) => (isText[column] ? cell.padEnd(widths[column] ?? 0) : cell.padStart(widths[column] ?? 0)))
      .join('  ')
      .trimEnd()
  return [line(first), widths.map((width) => '-'.repeat(width)).join('  '), ...rest.map(line)]
}

function toRow(finding: Finding): string[] {
  const { subject, baseline, unit, ratio, target } = finding
  return [
    `${subject.what} / ${baseline.what}`,
    toFigure(subject.figure, unit),
    toFigure(baseline.figure, unit),
    toRatio(ratio),
    target === null ? '' : toTarget(target, unit),
    toMet(isMet(finding)),
  ]
}

function toMet(met: boolean | null): string {
  return { true: 'yes', false: 'NO', null: '' }[`${met}`]
}

/** Two digits after the point would leave nothing of a small share. */
function toRatio(ratio: number): string {
  return ratio < 0.1 ? `${(ratio * 100).toFixed(1)} %` : `${ratio.toFixed(2)}×`
}

function toTarget(target: Target, unit: Unit): string {
  const sign = 'atLeast' in target ? '≥' : '≤'
  const bound = 'atLeast' in target ? target.atLeast : target.atMost
  return `${sign} ${target.of === 'ratio' ? `${bound.toFixed(2)}×` : toFigure(bound, unit)}`
}

const shortUnits = {
  'verifications/s': 'ver/s',
  'requests/s': 'req/s',
  'pairs/s': 'pairs/s',
  requests: 'requests',
  ns: 'ns',
  bytes: 'bytes',
} satisfies Record<Exclude<Unit, 'ms' | 'MB'>, string>

function toFigure(value: number, unit: Unit): string {
  if (unit === 'ms' || unit === 'MB') return `${value.toFixed(unit === 'ms' ? 2 : 1)} ${unit}`
  return `${Math.round(value).toLocaleString('en')} ${shortUnits[unit]}`
}
