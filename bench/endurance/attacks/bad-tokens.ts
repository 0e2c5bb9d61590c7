import { makeToken } from '../../make-token.ts'
import type { Attacked, Tally } from './attack.ts'
import { flood } from './flood.ts'

const body = JSON.stringify({ platform: 'web', userId: 'user_1', userHash: 'a'.repeat(64) })
const tokens = 2000

/** Well-formed tokens that nobody has: each may have to be looked up. */
export function badTokens(attacked: Attacked, tally: Tally): Promise<void> {
  const requests = Array.from({ length: tokens }, () => verificationWith(makeToken()))
  let sent = 0
  return flood(attacked, tally, () => {
    sent += 1
    return requests[sent % tokens] ?? Buffer.alloc(0)
  })
}

function verificationWith(token: string): Buffer {
  const head = [
    'POST /v1/verifications HTTP/1.1',
    'Host: localhost',
    `Authorization: Bearer ${token}`,
    'Content-Type: application/json',
    `Content-Length: ${body.length}`,
  ]
  return Buffer.from(`${head.join('\r\n')}\r\n\r\n${body}`)
}
