import { limits } from '@cutover/contract'

type NameFault = 'missing' | 'invalid'
/** What a person calls something: a secret, a token, a workspace. */
export type DisplayName = string & { readonly brand: 'DisplayName' }

// C0, DEL and C1, the line separators, and the marks and overrides that reorder text around them (UAX #9), which would
// let a name disguise the line it is shown in. Ordinary right-to-left letters need none of them.
const controls = /[\p{Cc}\u2028\u2029\u202a-\u202e\u2066-\u2069]/u

/** The name as it is kept: trimmed, 1 to 255 code points, without control characters and lone surrogates. */
export function parseDisplayName(text: string): { name: DisplayName } | { fault: NameFault } {
  const name = text.trim()
  if (name === '') return { fault: 'missing' }
  if (!name.isWellFormed() || controls.test(name) || codePoints(name) > limits.nameLength) return { fault: 'invalid' }
  return { name: name as DisplayName } // sound: it was just checked
}

function codePoints(text: string): number {
  let count = 0
  for (const _ of text) count += 1
  return count
}
