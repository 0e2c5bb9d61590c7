/** What an audit entry is made of: I-JSON (RFC 7493) with integers only. */
export type CanonicalValue = string | number | boolean | null | readonly CanonicalValue[] | CanonicalObject
export interface CanonicalObject {
  readonly [name: string]: CanonicalValue
}

/**
 * The canonical form of RFC 8785: names sorted by UTF-16 code units, no white space, strings and numbers as ECMAScript
 * writes them.
 *
 * @throws TypeError for a number that is no safe integer, a string with a lone surrogate, and whatever JSON has no form
 *   for: none of these has one that every language writes alike.
 */
export function canonicalJson(value: CanonicalValue): string {
  if (typeof value === 'number' && !Number.isSafeInteger(value)) throw new TypeError('only safe integers are canonical')
  if (typeof value === 'string' && !value.isWellFormed()) throw new TypeError('a lone surrogate is not canonical')
  if (value === null || typeof value !== 'object') return primitive(value)
  if (isArray(value)) return `[${value.map(canonicalJson).join(',')}]`
  const members = Object.entries(value)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, member]) => `${canonicalJson(name)}:${canonicalJson(member)}`)
  return `{${members.join(',')}}`
}

/** JSON.stringify answers nothing for what it has no form for, an `undefined` say. */
function primitive(value: string | number | boolean | null): string {
  const text: string | undefined = JSON.stringify(value)
  if (text === undefined) throw new TypeError('only JSON is canonical')
  return text
}

function isArray(value: readonly CanonicalValue[] | CanonicalObject): value is readonly CanonicalValue[] {
  return Array.isArray(value)
}
