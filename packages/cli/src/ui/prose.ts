import { widthOf } from './text-width.ts'

interface Stream {
  readonly isTTY?: boolean
  readonly columns?: number
}

/** Lines of whole words; a word that is longer than a line has one of its own. */
export function wrap(text: string, width: number): readonly string[] {
  const lines: string[] = []
  for (const word of text.split(' ')) {
    const last = lines.at(-1)
    if (last !== undefined && widthOf(last) + 1 + widthOf(word) <= width) lines[lines.length - 1] = `${last} ${word}`
    else lines.push(word)
  }
  return lines
}

/** Where the lines of a stream end: another program that reads gets each sentence and each row on one line. */
export function widthOfStream({ isTTY, columns }: Stream): number {
  return isTTY ? (columns ?? 80) : Number.POSITIVE_INFINITY
}

/** The text with those lines wrapped that do not fit. */
export function prose(stream: Stream, text: string): string {
  const width = widthOfStream(stream)
  const fits = (line: string) => width === Number.POSITIVE_INFINITY || widthOf(line) <= width
  return text
    .split('\n')
    .flatMap((line) => (fits(line) ? line : wrap(line, width)))
    .join('\n')
}
