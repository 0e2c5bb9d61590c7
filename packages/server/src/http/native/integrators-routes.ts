import {
  type CreatedIntegrator,
  type CreateIntegrator,
  headers,
  type Integrator as IntegratorWire,
  operations,
} from '@cutover/contract'
import type { FastifyInstance } from 'fastify'
import type { CredentialCache } from '../../access-tokens/credential-cache.ts'
import { DomainError } from '../../domain-error.ts'
import { createIntegrator, type IntegratorPorts } from '../../integrators/create-integrator.ts'
import { type DeleteIntegratorPorts, deleteIntegrator } from '../../integrators/delete-integrator.ts'
import type { IntegratorReader, ManagedIntegrator, NewIntegrator } from '../../integrators/ports.ts'
import { isoTime } from '../../iso-time.ts'
import type { WorkspaceDirectory } from '../../workspaces/workspace-directory.ts'
import { callerOf } from '../caller.ts'
import { idParam } from '../id-param.ts'
import { idempotentRequest } from '../idempotency-key.ts'
import { toSecrets } from '../integrator/integrator-wire.ts'
import { pageOf, parsePage } from '../page.ts'
import { authorize } from '../plugins/authorization.ts'
import { problemDialect } from '../problem.ts'
import { parseNameField } from './name-field.ts'

export interface IntegratorsRoutePorts extends IntegratorPorts, DeleteIntegratorPorts {
  readonly credentials: CredentialCache
  readonly workspaces: WorkspaceDirectory
  readonly integrators: IntegratorReader
}

/** Integrators, as an operator manages them. */
export function integratorsRoutes(app: FastifyInstance, ports: IntegratorsRoutePorts): void {
  const mayRead = authorize(ports.credentials, 'read_integrators')
  const mayWrite = authorize(ports.credentials, 'write_integrators')
  const config = { dialect: problemDialect }
  const toWire = (integrator: ManagedIntegrator) => toIntegrator(integrator, ports.system.nowMs())

  app.post<{ Body: CreateIntegrator }>('/v1/integrators', {
    schema: operations.createIntegrator,
    config: { ...config, auditAction: 'integrator.created' },
    onRequest: mayWrite,
    handler: async (request, reply) => {
      const name = parseNameField(request.body.name)
      const { workspaceId, actor, tokenId } = await callerOf(request, ports.workspaces)
      const answer = await createIntegrator(ports, {
        workspaceId,
        actor,
        name,
        requestId: request.id,
        ip: request.ip,
        idempotent: idempotentRequest(request, { tokenId, workspaceId }),
        render,
      })
      return reply.code(201).header('cache-control', 'no-store').type('application/json').send(answer)
    },
  })

  app.get<{ Querystring: { limit?: string; cursor?: string } }>('/v1/integrators', {
    schema: operations.listIntegrators,
    config,
    onRequest: mayRead,
    handler: async (request) => {
      const page = parsePage(request.query)
      const { workspaceId } = await callerOf(request, ports.workspaces)
      const read = (after: string | null, limit: number) => ports.integrators.page(workspaceId, after, limit)
      return pageOf(page, read, toWire)
    },
  })

  app.get<{ Params: { id: string } }>('/v1/integrators/:id', {
    schema: operations.readIntegrator,
    config,
    onRequest: mayRead,
    handler: async (request) => {
      const { workspaceId } = await callerOf(request, ports.workspaces)
      const integrator = await ports.integrators.find(workspaceId, idParam(request))
      if (!integrator) throw new DomainError('integrator_unknown')
      return toWire(integrator)
    },
  })

  app.delete<{ Params: { id: string } }>('/v1/integrators/:id', {
    schema: operations.deleteIntegrator,
    config: { ...config, auditAction: 'integrator.deleted' },
    onRequest: mayWrite,
    handler: async (request, reply) => {
      const { workspaceId, actor } = await callerOf(request, ports.workspaces)
      const command = { workspaceId, id: idParam(request), actor, requestId: request.id, ip: request.ip }
      const epoch = await deleteIntegrator(ports, command)
      return reply.code(204).header(headers.revocationEpoch, epoch).send()
    },
  })
}

function render({ id, key, name, createdAtMs }: NewIntegrator, secret: string): string {
  return JSON.stringify({ id, key, name, secret, createdAt: isoTime(createdAtMs) } satisfies CreatedIntegrator)
}

function toIntegrator(integrator: ManagedIntegrator, nowMs: number): IntegratorWire {
  const { id, key, name, workspaceId, createdAtMs, createdBy } = integrator
  const secrets = toSecrets(integrator.secrets, nowMs)
  return { id, key, name, workspaceId, secrets, createdAt: isoTime(createdAtMs), createdBy }
}
