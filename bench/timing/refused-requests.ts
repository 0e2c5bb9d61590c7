import { hash, randomBytes } from 'node:crypto'

/** A route that tells whether a signature is right, and how to ask it with one that is not. */
export interface TimedRoute {
  readonly name: string
  /** The request, with a signature that nobody made, in the name of `integratorKey`. */
  refused(integratorKey: string): Buffer
}

export interface Asked {
  readonly port: number
  readonly token: string
}

export function timedRoutes(asked: Asked): readonly TimedRoute[] {
  return [
    { name: 'POST /v1/request-verifications', refused: (key) => questionAbout(asked, key) },
    { name: 'GET /v1/integrator', refused: (key) => signedRequest(asked, key) },
  ]
}

const bodySha256 = hash('sha256', '', 'hex')

function wrongSignature(): string {
  return `sha256=${randomBytes(32).toString('hex')}`
}

function questionAbout({ port, token }: Asked, integratorKey: string): Buffer {
  const timestamp = String(Date.now())
  const signature = wrongSignature()
  const body = JSON.stringify({ integratorKey, timestamp, method: 'GET', path: '/payouts', bodySha256, signature })
  return message(port, 'POST /v1/request-verifications', body, [
    `Authorization: Bearer ${token}`,
    'Content-Type: application/json',
    `Content-Length: ${Buffer.byteLength(body)}`,
  ])
}

function signedRequest({ port }: Asked, integratorKey: string): Buffer {
  return message(port, 'GET /v1/integrator', '', [
    `X-Integrator-Key: ${integratorKey}`,
    `X-Timestamp: ${Date.now()}`,
    `X-Signature: ${wrongSignature()}`,
  ])
}

function message(port: number, target: string, body: string, headers: readonly string[]): Buffer {
  const head = [`${target} HTTP/1.1`, `Host: 127.0.0.1:${port}`, ...headers]
  return Buffer.from(`${head.join('\r\n')}\r\n\r\n${body}`)
}

const digits = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz'

/** Shaped like a key; that somebody has it will not happen. */
export function unknownKey(): string {
  return `int_${Array.from(randomBytes(20), (byte) => digits[byte % digits.length]).join('')}`
}
