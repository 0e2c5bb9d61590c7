import { createHmac } from 'node:crypto'
import { signRequest } from '@cutover/signing'
import type { Answer } from './connection.ts'

export const kinds = ['identity secret', 'access token', 'integrator secret'] as const
export type Kind = (typeof kinds)[number]

export type Taken = 'verified' | 'unverified' | 'unavailable'

/** Something that nodes accept until it is revoked. */
export interface Subject {
  readonly number: number
  readonly kind: Kind
  /** By which it is revoked. */
  readonly id: string
  /** Of an integrator. */
  readonly key: string | null
  readonly workspaceId: string
  /** A request that shows it, whole, and anew each time. */
  show(): string
}

export interface Request {
  readonly method: 'GET' | 'POST' | 'DELETE'
  readonly path: string
  readonly token?: string
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: object
}

export function textOf({ method, path, token, headers = {}, body }: Request): string {
  const content = body === undefined ? '' : JSON.stringify(body)
  const all = {
    Host: 'localhost',
    ...(token === undefined ? {} : { Authorization: `Bearer ${token}` }),
    ...headers,
    ...(content === '' ? {} : { 'Content-Type': 'application/json', 'Content-Length': Buffer.byteLength(content) }),
  }
  const lines = Object.entries(all).map(([name, value]) => `${name}: ${value}`)
  return `${method} ${path} HTTP/1.1\r\n${lines.join('\r\n')}\r\n\r\n${content}`
}

/** `null`: an answer that no promise knows. */
export function takenOf({ status, body }: Answer, { kind }: Subject): Taken | null {
  if (status === 503) return 'unavailable'
  if (status === 401 && kind !== 'identity secret') return 'unverified'
  if (status !== 200) return null
  return kind === 'identity secret' && JSON.parse(body).verified !== true ? 'unverified' : 'verified'
}

export interface Secret {
  readonly token: string
  readonly workspaceId: string
  readonly secret: string
}

/** Asks whether somebody signed with it is who they say. */
export function showSecret({ token, workspaceId, secret }: Secret): string {
  const userHash = createHmac('sha256', secret).update('user_1').digest('hex')
  return textOf({
    method: 'POST',
    path: '/v1/verifications',
    token,
    headers: { 'Cutover-Workspace': workspaceId },
    body: { platform: 'web', userId: 'user_1', userHash },
  })
}

export function showIntegrator(integrator: { readonly key: string; readonly secret: string }): string {
  const path = '/v1/integrator'
  return textOf({ method: 'GET', path, headers: { ...signRequest(integrator, { method: 'GET', path }) } })
}
