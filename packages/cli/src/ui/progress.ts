import type { Terminal } from '../terminal.ts'

/** What takes no longer than this says nothing. */
const quietMs = 1000
const redrawMs = 100
/** Without a terminal each state is a line that stays. */
const lineMs = 5000

const barWidth = 30

export interface Progress {
  at(done: number, total: number): void
  end(): void
}

/** Tells on stderr how far something has come: a bar where somebody watches, now and then a line elsewhere. */
export function showProgress(
  { stderr }: Pick<Terminal, 'stderr'>,
  what: string,
  nowMs = () => performance.now(),
): Progress {
  const isWatched = stderr.isTTY === true
  let nextMs: number | undefined
  let isDrawn = false
  return {
    at(done, total) {
      nextMs ??= nowMs() + quietMs
      if (nowMs() < nextMs) return
      nextMs = nowMs() + (isWatched ? redrawMs : lineMs)
      isDrawn = isWatched
      stderr.write(isWatched ? `\r${bar(what, done, total)}\u001b[K` : `${what}: ${percent(done, total)} %\n`)
    },
    end() {
      if (isDrawn) stderr.write('\r\u001b[K')
      isDrawn = false
    },
  }
}

function bar(what: string, done: number, total: number): string {
  const filled = Math.round((percent(done, total) / 100) * barWidth)
  return `${what} [${'#'.repeat(filled)}${'.'.repeat(barWidth - filled)}] ${percent(done, total)} %`
}

function percent(done: number, total: number): number {
  return total === 0 ? 100 : Math.floor((100 * Math.min(done, total)) / total)
}
