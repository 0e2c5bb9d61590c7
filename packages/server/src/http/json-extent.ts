import { limits } from '@cutover/contract'

const quote = 0x22
const backslash = 0x5c
const nameSeparator = 0x3a
const beginArray = 0x5b
const endArray = 0x5d
const beginObject = 0x7b
const endObject = 0x7d

export type Excess = 'depth' | 'members'

/**
 * What of `body` is more than a parser should be given: to parse 500,000 levels or 100,000 names takes it a hundred times
 * as long as a batch of that size, and this scan a few milliseconds a megabyte. Exact where `body` is JSON (RFC 8259) in
 * UTF-8; where it is not, whatever this says, it is refused.
 */
export function excessOf(body: Uint8Array): Excess | null {
  let depth = 0
  let members = 0
  for (let index = 0; index < body.length; index += 1) {
    const byte = body[index]
    if (byte === quote) index = endOfString(body, index)
    else if (byte === nameSeparator) members += 1
    else if (byte === endObject || byte === endArray) depth -= 1
    else if (byte === beginObject || byte === beginArray) {
      depth += 1
      members += 1
      if (depth > limits.bodyDepth) return 'depth'
    }
    if (members > limits.bodyMembers) return 'members'
  }
  return null
}

/** Where the string that begins at `start` has its closing quotation mark. */
function endOfString(body: Uint8Array, start: number): number {
  let index = start + 1
  while (index < body.length && body[index] !== quote) index += body[index] === backslash ? 2 : 1
  return index
}
