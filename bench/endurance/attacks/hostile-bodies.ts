import { limits } from '@cutover/contract'
import { batchPath, verificationPath } from '../../arena.ts'
import type { Attacked, Tally } from './attack.ts'
import { flood } from './flood.ts'

interface Hostile {
  readonly path: string
  readonly body: string
}

/** Of a client with a good token: bodies that take long to parse, as large as they may be, one after another. */
export function hostileBodies(attacked: Attacked, tally: Tally): Promise<void> {
  const requests = hostileRequests().map((hostile) => requestOf(hostile, attacked.token))
  let sent = 0
  return flood(attacked, tally, () => {
    sent += 1
    return requests[sent % requests.length] ?? Buffer.alloc(0)
  })
}

function hostileRequests(): readonly Hostile[] {
  const { bodyBytes, batchBodyBytes } = limits
  const ofBatch = (body: string) => ({ path: batchPath, body })
  const ofOne = (body: string) => ({ path: verificationPath, body })
  return [
    ...bodiesOf(bodyBytes).map(ofOne),
    ...bodiesOf(batchBodyBytes).map(ofBatch),
    ofBatch(`{"items":[${objectOf(batchBodyBytes - 20, colliding)}]}`),
    ofOne(objectOf(batchBodyBytes, counted)),
  ]
}

function bodiesOf(bytes: number): readonly string[] {
  return [objectOf(bytes, counted), objectOf(bytes, colliding), objectOf(bytes, () => '__proto__'), nested(bytes)]
}

/** As many members as `bytes` hold. */
function objectOf(bytes: number, nameOf: (index: number) => string): string {
  const members: string[] = []
  for (let index = 0, length = 2; ; index += 1) {
    const member = `"${nameOf(index)}":0`
    length += member.length + 1
    if (length > bytes) return `{${members.join()}}`
    members.push(member)
  }
}

function counted(index: number): string {
  return String(index)
}

/** Numbers that are alike in their low bits: without a seed, V8 would put all of them in one place (CVE-2026-21717). */
function colliding(index: number): string {
  return String((index % 65_536) * 65_536 + 1)
}

function nested(bytes: number): string {
  const levels = Math.floor((bytes - 10) / 2)
  return `{"a":${'['.repeat(levels)}${']'.repeat(levels)}}`
}

function requestOf({ path, body }: Hostile, token: string): Buffer {
  const head = [
    `POST ${path} HTTP/1.1`,
    'Host: localhost',
    `Authorization: Bearer ${token}`,
    'Content-Type: application/json',
    `Content-Length: ${body.length}`,
  ]
  return Buffer.from(`${head.join('\r\n')}\r\n\r\n${body}`)
}
