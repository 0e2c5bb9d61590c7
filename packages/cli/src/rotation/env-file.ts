const assignment = /^(\s*(?:export\s+)?)([A-Za-z_][A-Za-z0-9_]*)(\s*=\s*)(.*)$/

/**
 * The text of an environment file with `name` set to `value`, everything else byte for byte as it was. Every assignment
 * of that name is replaced, whichever a reader goes by; where there is none, one is added. Lines inside a quoted value
 * that spans lines are no assignments.
 *
 * @param value - without characters that need quoting
 */
export function withVariable(text: string, name: string, value: string): string {
  const newline = text.includes('\r\n') ? '\r\n' : '\n'
  const lines = text.split(/\r?\n/)
  const kept: string[] = []
  let isSet = false
  for (let index = 0; index < lines.length; index += 1) {
    const line = lines[index] ?? ''
    const [, indent = '', key, , raw = ''] = assignment.exec(line) ?? []
    const last = key === undefined ? index : endOfValue(lines, index, raw)
    if (key === name) {
      kept.push(`${indent}${name}=${value}`)
      isSet = true
    } else {
      kept.push(...lines.slice(index, last + 1))
    }
    index = last
  }
  if (!isSet) {
    const isEnded = kept.at(-1) === ''
    kept.splice(isEnded ? -1 : kept.length, 0, `${name}=${value}`)
    if (!isEnded) kept.push('')
  }
  return kept.join(newline)
}

/** The index of the line on which a quoted value ends; the same line for one that is not quoted, or never ends. */
function endOfValue(lines: readonly string[], start: number, raw: string): number {
  const quote = /^["'`]/.exec(raw)?.[0]
  if (quote === undefined || isClosed(raw.slice(1), quote)) return start
  const end = lines.findIndex((line, index) => index > start && isClosed(line, quote))
  return end === -1 ? start : end
}

function isClosed(text: string, quote: string): boolean {
  return text.replaceAll(`\\${quote}`, '').includes(quote)
}
