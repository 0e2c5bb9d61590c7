import { type Finding, isMet, type Target, type Unit } from './finding.ts'

const heading = ['what', 'figure', 'baseline', 'ratio', 'target', 'met']
/** Texts begin at the left, numbers end at the right. */
const isText = [true, false, false, false, true, true]

/** The findings for people, in the order given, each baseline named under its figure. */
export function renderTable(findings: readonly Finding[]): string {
  const cautions = new Set(findings.flatMap((finding) => finding.cautions))
  return [...aligned(heading, findings.map(toRow)), ...[...cautions].map((caution) => `! ${caution}`)].join('\n')
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

function aligned(first: readonly string[], rest: readonly (readonly string[])[]): readonly string[] {
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
    { true: 'yes', false: 'NO', null: '' }[`${isMet(finding)}`],
  ]
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
  ns: 'ns',
  bytes: 'bytes',
} satisfies Record<Exclude<Unit, 'ms' | 'MB'>, string>

function toFigure(value: number, unit: Unit): string {
  if (unit === 'ms' || unit === 'MB') return `${value.toFixed(unit === 'ms' ? 2 : 1)} ${unit}`
  return `${Math.round(value).toLocaleString('en')} ${shortUnits[unit]}`
}
