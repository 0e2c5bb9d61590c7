import { type Finding, isMet, type Target, type Unit } from './finding.ts'

const heading = ['what', 'figure', 'baseline', 'ratio', 'target', 'met']
/** Texts begin at the left, numbers end at the right. */
const isText = [true, false, false, false, true, true]

/** The findings for people, in the order given, each baseline named under its figure. */
export function renderTable(findings: readonly Finding[]): string {
  const rows = [heading, ...findings.map(toRow)]
  const widths = heading.map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)))
  const line = (row: readonly string[]) =>
    row
      .map((cell, column) => (isText[column] ? cell.padEnd(widths[column] ?? 0) : cell.padStart(widths[column] ?? 0)))
      .join('  ')
      .trimEnd()
  const rule = widths.map((width) => '-'.repeat(width)).join('  ')
  const cautions = new Set(findings.flatMap((finding) => finding.cautions))
  const [first = [], ...rest] = rows
  return [line(first), rule, ...rest.map(line), ...[...cautions].map((caution) => `! ${caution}`)].join('\n')
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
} satisfies Record<Exclude<Unit, 'ms'>, string>

function toFigure(value: number, unit: Unit): string {
  if (unit === 'ms') return `${value.toFixed(2)} ms`
  return `${Math.round(value).toLocaleString('en')} ${shortUnits[unit]}`
}
