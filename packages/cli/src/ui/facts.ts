import type { Terminal } from '../terminal.ts'
import { widthOfStream, wrap } from './prose.ts'
import { onOneLine } from './table.ts'

/** `null` where there is nothing to say. */
export type Fact = readonly [name: string, value: string | null]

const widest = 100

/** One `name  value` after the other, long values on several lines in a column of their own. */
export function facts(pairs: readonly Fact[], width: number): string {
  const known = pairs.filter((pair): pair is readonly [string, string] => pair[1] !== null)
  const indent = Math.max(...known.map(([name]) => name.length)) + 2
  return known
    .map(
      ([name, value]) => name.padEnd(indent) + wrap(onOneLine(value), width - indent).join(`\n${' '.repeat(indent)}`),
    )
    .join('\n')
}

/** No wider than what is pleasant to read. */
export function proseWidth({ stdout }: Terminal): number {
  return stdout.isTTY ? Math.min(widthOfStream(stdout), widest) : widthOfStream(stdout)
}
