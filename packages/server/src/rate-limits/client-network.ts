import { isIP } from 'node:net'

/**
 * What the requests of an address are counted under: an IPv4 address itself, also where it comes mapped into IPv6 (RFC
 * 4291, section 2.5.5.2); of an IPv6 address its /64, since whoever has one address of that has all 2^64 of them. What
 * a proxy sends that is no address counts as one client, whatever its length.
 */
export function clientNetwork(address: string): string {
  const family = isIP(address)
  if (family === 0) return 'unknown'
  if (family === 4) return address
  const groups = groupsOf(address)
  const isMapped = groups[5] === 0xffff && groups.slice(0, 5).every((group) => group === 0)
  if (isMapped) return dotted(groups[6] ?? 0, groups[7] ?? 0)
  const network = groups.slice(0, 4).map((group) => group.toString(16))
  return `${network.join(':')}::/64`
}

/** The eight groups of an IPv6 address; a zone (RFC 4007) is left out. */
function groupsOf(address: string): readonly number[] {
  const [bare = ''] = address.split('%', 1)
  const [left = '', right] = bare.split('::')
  const head = parseGroups(left)
  const tail = parseGroups(right ?? '')
  const omitted = Array<number>(8 - head.length - tail.length).fill(0)
  return [...head, ...omitted, ...tail]
}

function parseGroups(text: string): readonly number[] {
  if (text === '') return []
  return text.split(':').flatMap((part) => (part.includes('.') ? groupsOfDotted(part) : [Number.parseInt(part, 16)]))
}

function groupsOfDotted(text: string): readonly number[] {
  const [a = 0, b = 0, c = 0, d = 0] = text.split('.').map(Number)
  return [a * 256 + b, c * 256 + d]
}

function dotted(high: number, low: number): string {
  return [high >> 8, high & 255, low >> 8, low & 255].join('.')
}
