import { createLogUpdate } from 'log-update'
import type { Terminal } from '../terminal.ts'
import { paint } from '../ui/colour.ts'
import { tell } from '../ui/report.ts'
import { onOneLine } from '../ui/table.ts'
import { twoUnitSpan } from '../ui/times.ts'
import type { Traffic } from './traffic.ts'
import { type CutoverView, recentSources, stillUsing } from './watch-cutover.ts'

const lineEveryMs = 30_000
const barWidth = 40
const mostSources = 6

/** A picture that is drawn anew with each look on a terminal; elsewhere a line now and then, which a log can hold. */
export function cutoverView(terminal: Terminal, names: { readonly old: string; readonly new: string }): CutoverView {
  return terminal.stderr.isTTY ? livePicture(terminal, names) : plainLines(terminal)
}

function livePicture({ stderr }: Terminal, names: { readonly old: string; readonly new: string }): CutoverView {
  const draw = createLogUpdate(stderr as NodeJS.WriteStream) // sound: it is a terminal
  let lastTraffic: Traffic | null = null
  const redraw = (traffic: Traffic, note: string) => draw(picture(traffic, names, { note, stderr }))
  return {
    show(traffic) {
      lastTraffic = traffic
      redraw(traffic, '')
    },
    away(reason) {
      const note = `not up to date: ${reason}`
      if (lastTraffic) redraw(lastTraffic, note)
      else draw(note)
    },
    close: () => draw.done(),
  }
}

function picture(
  traffic: Traffic,
  names: { readonly old: string; readonly new: string },
  { note, stderr }: { readonly note: string; readonly stderr: Terminal['stderr'] },
): string {
  const { verdict, oldShare, oldCount, newCount, windowMinutes } = traffic
  const width = (stderr.columns ?? 80) - 1
  const quietly = (line: string) => paint(stderr, 'gray', line.slice(0, width))
  const row = (name: string, share: number | null, style: Parameters<typeof paint>[1], rest: string) =>
    `  ${name}  ${bar(stderr, share, style)}${`  ${percent(share)}  ${rest}`.slice(0, width - barWidth - 7)}`
  return [
    '',
    row('old', oldShare, 'yellow', `${oldCount}  ${onOneLine(names.old)}`),
    row('new', oldShare === null ? null : 1 - oldShare, 'green', `${newCount}  ${onOneLine(names.new)}`),
    quietly(`  verifications in the last ${windowMinutes} minutes`),
    '',
    ...sourceLines(traffic).map((line) => line.slice(0, width)),
    `  quiet for ${twoUnitSpan(verdict.quietForSeconds)} of the ${twoUnitSpan(verdict.quietSecondsRequired)} that it takes`,
    // While it is in use, the lines above say so already.
    ...(verdict.verdict === 'unknown' ? [quietly(`  ${onOneLine(verdict.why)}`)] : []),
    ...(note === '' ? [] : [paint(stderr, 'yellow', `  ${note}`.slice(0, width))]),
    quietly('  Ctrl-C leaves everything as it is; the same command goes on from here.'),
  ].join('\n')
}

function bar(stderr: Terminal['stderr'], share: number | null, style: Parameters<typeof paint>[1]): string {
  const filled = Math.round((share ?? 0) * barWidth)
  return paint(stderr, style, '█'.repeat(filled)) + paint(stderr, 'gray', '░'.repeat(barWidth - filled))
}

function sourceLines({ verdict }: Traffic): readonly string[] {
  const recent = recentSources(verdict)
  if (recent.length === 0) return []
  const shown = recent.slice(0, mostSources).map(({ source, lastSeenAt }) => {
    const agoSeconds = Math.max(0, Math.round((Date.now() - Date.parse(lastSeenAt)) / 1000))
    return `    ${onOneLine(source ?? '(without a name)').padEnd(32)}  ${twoUnitSpan(agoSeconds)} ago`
  })
  const more = recent.length > mostSources ? [`    and ${recent.length - mostSources} more`] : []
  return [`  still signing with the old one (${recent.length}):`, ...shown, ...more, '']
}

function plainLines(terminal: Terminal): CutoverView {
  let toldAt = Number.NEGATIVE_INFINITY
  let toldVerdict = ''
  const line = (text: string) => {
    toldAt = performance.now()
    tell(terminal, `${new Date().toISOString()} ${text}`)
  }
  return {
    show(traffic) {
      const { verdict } = traffic.verdict
      if (performance.now() - toldAt < lineEveryMs && verdict === toldVerdict) return
      toldVerdict = verdict
      line(inOneLine(traffic))
    },
    away(reason) {
      if (performance.now() - toldAt >= lineEveryMs) line(`not up to date: ${reason}`)
    },
    close() {},
  }
}

function inOneLine(traffic: Traffic): string {
  const { verdict, oldShare, windowMinutes } = traffic
  const left = stillUsing(traffic).map(onOneLine)
  const split =
    oldShare === null
      ? `nothing in the last ${windowMinutes} minutes`
      : `old ${percent(oldShare).trim()}, new ${percent(1 - oldShare).trim()}`
  const more = left.length > mostSources ? ` and ${left.length - mostSources} more` : ''
  const who = left.length === 0 ? '' : `; left: ${left.slice(0, mostSources).join(', ')}${more}`
  return `${verdict.verdict}: ${split}; quiet ${verdict.quietForSeconds} of ${verdict.quietSecondsRequired} s${who}`
}

function percent(share: number | null): string {
  return `${share === null ? '–' : Math.round(share * 100)} %`.padStart(5)
}
