import type { AuditEntry, CreatedIdentitySecret, IdentitySecret, Platform } from '@cutover/contract'
import type { LightMyRequestResponse } from 'fastify'
import { expect } from 'vitest'
import { userHash } from './caller.ts'
import type { InProcess } from './in-process.ts'

export const everywhere = { web: true, ios: true, android: true }

/** The actions of a secret, by the last part of their path. */
export type SecretAction = 'disable' | 'enable' | 'retire' | 'cancel-retirement' | 'rotate' | 'restore'

export interface Created {
  readonly id: string
  readonly secret: string
}

const withoutBody: readonly SecretAction[] = ['enable', 'cancel-retirement', 'restore']

/** Identity secrets of one server in the native dialect, as its first token sees them. */
export class IdentitySecrets {
  readonly #cutover: InProcess

  constructor(cutover: InProcess) {
    this.#cutover = cutover
  }

  async create(body: object = {}): Promise<CreatedIdentitySecret> {
    const payload = { name: 'Spring', platforms: everywhere, ...body }
    const response = await this.#cutover.call({ method: 'POST', url: '/v1/identity-secrets', payload })
    expect([response.statusCode, response.json().detail]).toEqual([201, undefined])
    return response.json()
  }

  act(id: string, action: SecretAction, body: object = {}): Promise<LightMyRequestResponse> {
    const url = `/v1/identity-secrets/${id}/${action}`
    const payload = withoutBody.includes(action) ? {} : { payload: body }
    return this.#cutover.call({ method: 'POST', url, ...payload })
  }

  /** The secret after an action that has to work. */
  async after(id: string, action: Exclude<SecretAction, 'rotate'>, body: object = {}): Promise<IdentitySecret> {
    const response = await this.act(id, action, body)
    expect([response.statusCode, response.json().detail]).toEqual([200, undefined])
    return response.json()
  }

  async rotate(id: string, body: object = {}): Promise<CreatedIdentitySecret> {
    const response = await this.act(id, 'rotate', body)
    expect([response.statusCode, response.json().detail]).toEqual([201, undefined])
    return response.json()
  }

  edit(id: string, payload: object): Promise<LightMyRequestResponse> {
    return this.#cutover.call({ method: 'PATCH', url: `/v1/identity-secrets/${id}`, payload })
  }

  delete(id: string): Promise<LightMyRequestResponse> {
    return this.#cutover.call({ method: 'DELETE', url: `/v1/identity-secrets/${id}` })
  }

  async read(id: string): Promise<IdentitySecret> {
    const response = await this.#cutover.call({ url: `/v1/identity-secrets/${id}` })
    expect(response.statusCode).toBe(200)
    return response.json()
  }

  async list(query = ''): Promise<{ readonly data: IdentitySecret[]; readonly nextCursor: string | null }> {
    const response = await this.#cutover.call({ url: `/v1/identity-secrets${query}` })
    expect(response.statusCode).toBe(200)
    return response.json()
  }

  /** Whether a user who is signed with `secret` is who they say they are. */
  async verifies(secret: string, platform: Platform = 'web'): Promise<boolean> {
    const payload = { platform, userId: 'user_1', userHash: userHash(secret, 'user_1') }
    const response = await this.#cutover.call({ method: 'POST', url: '/v1/verifications', payload })
    expect(response.statusCode).toBe(200)
    return response.json().verified
  }

  /** From memory, and after that was emptied. */
  async verifiesWarmAndCold(secret: string): Promise<boolean[]> {
    const warm = await this.verifies(secret)
    this.#cutover.cutover.node.dropAll()
    return [warm, await this.verifies(secret)]
  }

  /** What the audit log tells of a secret, oldest first. */
  async entries(id: string): Promise<AuditEntry[]> {
    const response = await this.#cutover.call({ url: `/v1/audit-log?resource=${id}&limit=200` })
    expect(response.statusCode).toBe(200)
    const entries: AuditEntry[] = response.json().data
    return entries.sort((a, b) => a.sequence - b.sequence)
  }
}

export function expectProblem(response: LightMyRequestResponse, status: number, code: string, detail: string): void {
  expect([response.statusCode, response.json().code, response.json().detail]).toEqual([status, code, detail])
}

export function isoTime(ms: number): string {
  return new Date(ms).toISOString()
}
