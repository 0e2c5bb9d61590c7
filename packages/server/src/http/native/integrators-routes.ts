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
import { type QuietPorts, quietGuard } from '../../usage/assert-quiet.ts'
import type { SettingsStore } from '../../workspaces/ports.ts'
import { type RotationPolicy, rotationDueAtMs, rotationPolicyOf } from '../../workspaces/rotation-policy.ts'
import type { WorkspaceDirectory } from '../../workspaces/workspace-directory.ts'
import { callerOf } from '../caller.ts'
import { idParam } from '../id-param.ts'
import { idempotentRequest } from '../idempotency-key.ts'
import { acceptedSecrets, toSecret } from '../integrator/integrator-wire.ts'
import { pageOf, parsePage } from '../page.ts'
import { authorize } from '../plugins/authorization.ts'
import { problemDialect } from '../problem.ts'
import { parseNameField } from './name-field.ts'
import { overdueFilter } from './overdue.ts'
import { parseQuiet } from './quiet-field.ts'

export interface IntegratorsRoutePorts extends IntegratorPorts, DeleteIntegratorPorts {
  readonly store: IntegratorPorts['store'] & DeleteIntegratorPorts['store']
  readonly quiet: QuietPorts
  readonly credentials: CredentialCache
  readonly workspaces: WorkspaceDirectory
  readonly integrators: IntegratorReader
  readonly settings: Pick<SettingsStore, 'find'>
}

/** Integrators, as an operator manages them. */
export function integratorsRoutes(app: FastifyInstance, ports: IntegratorsRoutePorts): void {
  const mayRead = authorize(ports.credentials, 'read_integrators')
  const mayWrite = authorize(ports.credentials, 'write_integrators')
  const config = { dialect: problemDialect }

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

  app.get<{ Querystring: { limit?: string; cursor?: string; overdue?: string } }>('/v1/integrators', {
    schema: operations.listIntegrators,
    config,
    onRequest: mayRead,
    handler: async (request) => {
      const page = parsePage(request.query)
      const { workspaceId } = await callerOf(request, ports.workspaces)
      const policy = await rotationPolicyOf(ports.settings, workspaceId)
      const nowMs = ports.system.nowMs()
      const overdue = overdueFilter(request.query, policy, nowMs)
      if (overdue === null) return { data: [], nextCursor: null }
      const read = (after: string | null, limit: number) => ports.integrators.page(workspaceId, overdue, after, limit)
      return pageOf(page, read, (integrator) => toIntegrator(integrator, policy, nowMs))
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
      return toIntegrator(integrator, await rotationPolicyOf(ports.settings, workspaceId), ports.system.nowMs())
    },
  })

  app.delete<{ Params: { id: string }; Querystring: { ifQuietForSeconds?: string } }>('/v1/integrators/:id', {
    schema: operations.deleteIntegrator,
    config: { ...config, auditAction: 'integrator.deleted' },
    onRequest: mayWrite,
    handler: async (request, reply) => {
      const quietMs = parseQuiet('ifQuietForSeconds', request.query.ifQuietForSeconds, 0)
      const { workspaceId, actor } = await callerOf(request, ports.workspaces)
      const command = { workspaceId, id: idParam(request), actor, requestId: request.id, ip: request.ip }
      const guard = quietMs === null ? {} : { guard: await quietGuard(ports.quiet, quietMs) }
      const epoch = await deleteIntegrator(ports, { ...command, ...guard })
      return reply.code(204).header(headers.revocationEpoch, epoch).send()
    },
  })
}

function render({ id, key, name, createdAtMs }: NewIntegrator, secret: string): string {
  return JSON.stringify({ id, key, name, secret, createdAt: isoTime(createdAtMs) } satisfies CreatedIntegrator)
}

function toIntegrator(integrator: ManagedIntegrator, policy: RotationPolicy, nowMs: number): IntegratorWire {
  const { id, key, name, workspaceId, createdAtMs, createdBy } = integrator
  const secrets = acceptedSecrets(integrator.secrets, nowMs).map((secret) => ({
    ...toSecret(secret),
    createdAt: isoTime(secret.createdAtMs),
    rotationDueAt: isoTime(rotationDueAtMs(secret, policy)),
  }))
  return { id, key, name, workspaceId, secrets, createdAt: isoTime(createdAtMs), createdBy }
}
