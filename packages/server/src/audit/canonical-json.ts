/** What an audit entry is made of: I-JSON (RFC 7493) with integers only. */
export type CanonicalValue = string | number | boolean | null | readonly CanonicalValue[] | CanonicalObject
export interface CanonicalObject {
  readonly [name: string]: CanonicalValue
}

/**
 * The canonical form of RFC 8785: names sorted by UTF-16 code units, no white space, strings and numbers as ECMAScript
 * writes them. Throws a TypeError for a number that is no safe integer and for a string with a lone surrogate, which
 * have no canonical form that every language writes alike.
 */
export function canonicalJson(value: CanonicalValue): string {
  if (typeof value === 'number' && !Number.isSafeInteger(value)) throw new TypeError('only safe integers are canonical')
  if (typeof value === 'string' && !value.isWellFormed()) throw new TypeError('a lone surrogate is not canonical')
  if (value === null || typeof value !== 'object') return JSON.stringify(value)
  if (isArray(value)) return `[${value.map(canonicalJson).join(',')}]`
  const members = Object.entries(value)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, member]) => `${canonicalJson(name)}:${canonicalJson(member)}`)
  return `{${members.join(',')}}`
}

function isArray(value: readonly CanonicalValue[] | CanonicalObject): value is readonly CanonicalValue[] {
  return Array.isArray(value)
}
