import { hash } from 'node:crypto'
import { call } from './call.ts'
import type { SubjectServer } from './subject-server.ts'

export interface BenchIntegrator {
  readonly id: string
  readonly key: string
  readonly secret: string
  readonly fingerprint: string
}

export async function createIntegrator(server: SubjectServer, name: string): Promise<BenchIntegrator> {
  const created = await call(server, { method: 'POST', path: '/v1/integrators', body: { name }, workspaceId: null })
  const { id, key, secret } = JSON.parse(created) as BenchIntegrator // sound: the contract of a 201
  return { id, key, secret, fingerprint: `sha256:${hash('sha256', secret, 'hex').slice(0, 16)}` }
}
