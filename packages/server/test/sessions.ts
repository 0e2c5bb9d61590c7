import { scopeNames } from '@cutover/contract'
import type { InjectOptions, LightMyRequestResponse } from 'fastify'
import { expect } from 'vitest'
import type { InProcess } from './in-process.ts'

/** Where a request without any other Host goes. */
export const ownOrigin = 'http://localhost'

interface Callable {
  call(request: InjectOptions & { token?: string | null }): Promise<LightMyRequestResponse>
}

export function askForSession({ call }: Callable, token: string, headers: Readonly<Record<string, string>> = {}) {
  const request = { method: 'POST', url: '/v1/sessions', payload: { token }, token: null } as const
  return call({ ...request, headers: { origin: ownOrigin, ...headers } })
}

/** What a browser sends along from now on. */
export function cookieOf(answer: LightMyRequestResponse): string {
  return String(answer.headers['set-cookie']).split(';', 1)[0] ?? ''
}

/** A signed-in browser: each of its requests has the cookie, and those that change something their origin. */
export async function signIn(server: Callable, token: string, headers: Readonly<Record<string, string>> = {}) {
  const answer = await askForSession(server, token, headers)
  expect(answer.statusCode).toBe(201)
  const cookie = cookieOf(answer)
  const call = (request: InjectOptions) =>
    server.call({ ...request, token: null, headers: { cookie, origin: ownOrigin, ...headers, ...request.headers } })
  return { cookie, key: cookie.split('=')[1] ?? '', answer, call }
}

/** With every scope of its workspace. */
export async function tokenFor(cutover: InProcess, expiresAtMs?: number) {
  const workspaceId = cutover.workspaceId
  const scopes = scopeNames.filter((scope) => scope !== 'manage_workspaces')
  return cutover.createToken({ scopes, workspaceId, ...(expiresAtMs === undefined ? {} : { expiresAtMs }) })
}

/** Of the workspace and of the instance, what was only counted among them. */
export async function auditOf(cutover: InProcess, action: string) {
  await cutover.cutover.refusals.flush()
  const chains = [cutover.workspaceId, 'instance']
  const pages = await Promise.all(chains.map((chain) => cutover.cutover.store.read.audit.page(chain, 0, 1000)))
  return pages.flat().filter((entry) => entry.action === action)
}
