import type { Attacked, Tally } from './attack.ts'
import { flood } from './flood.ts'

const headerBytes = 1024 * 1024

/** Requests with a header of a megabyte. */
export function largeHeaders(attacked: Attacked, tally: Tally): Promise<void> {
  const header = 'a'.repeat(headerBytes)
  const request = Buffer.from(`GET /readyz HTTP/1.1\r\nHost: localhost\r\nX-Large: ${header}\r\n\r\n`)
  return flood(attacked, tally, () => request)
}
