import { type Cutover, type IntegratorUsage, operations, type Usage, type UsageBucket } from '@cutover/contract'
import type { FastifyInstance, FastifyRequest } from 'fastify'
import type { CredentialCache } from '../../access-tokens/credential-cache.ts'
import { DomainError } from '../../domain-error.ts'
import { parseIdentitySecretId } from '../../identity-secrets/identity-secret.ts'
import type { IdentitySecretReader } from '../../identity-secrets/ports.ts'
import type { IntegratorReader } from '../../integrators/ports.ts'
import type { UsageOwner } from '../../usage/ports.ts'
import { type CutoverPorts, readCutover } from '../../usage/read-cutover.ts'
import { readIntegratorCutover } from '../../usage/read-integrator-cutover.ts'
import { readUsage, type UsageQuestion } from '../../usage/read-usage.ts'
import type { WorkspaceDirectory } from '../../workspaces/workspace-directory.ts'
import { callerOf } from '../caller.ts'
import { idParam } from '../id-param.ts'
import { authorize } from '../plugins/authorization.ts'
import { problemDialect } from '../problem.ts'
import { parseQuiet } from './quiet-field.ts'
import { parsePeriod } from './time-field.ts'
import { toCutover, toIntegratorCutover, toIntegratorUsage, toUsage } from './usage-wire.ts'

export interface UsageRoutePorts extends CutoverPorts {
  readonly credentials: CredentialCache
  readonly workspaces: WorkspaceDirectory
  readonly secrets: Pick<IdentitySecretReader, 'find'>
  readonly integrators: Pick<IntegratorReader, 'find'>
}

interface OfUsage {
  Params: { id: string }
  Querystring: { from?: string; to?: string; bucket?: UsageBucket }
}

interface OfCutover {
  Params: { id: string }
  Querystring: { quietSeconds?: string }
}

/** Who still signs with what, and whether it may go. */
export function usageRoutes(app: FastifyInstance, ports: UsageRoutePorts): void {
  const ofSecrets = authorize(ports.credentials, 'read_secure_mode_secret')
  const ofIntegrators = authorize(ports.credentials, 'read_integrators')
  const config = { dialect: problemDialect }

  app.get<OfUsage>('/v1/identity-secrets/:id/usage', {
    schema: operations.readUsage,
    config,
    onRequest: ofSecrets,
    handler: async (request): Promise<Usage> => {
      const question = questionOf(ports, request)
      const { workspaceId } = await callerOf(request, ports.workspaces)
      const id = parseIdentitySecretId(request.params.id)
      if (id === null || !(await ports.secrets.find(workspaceId, id))) throw new DomainError('secret_unknown')
      return toUsage(await readUsage(ports, [id], question))
    },
  })

  app.get<OfCutover>('/v1/identity-secrets/:id/cutover', {
    schema: operations.readCutover,
    config,
    onRequest: ofSecrets,
    handler: async (request): Promise<Cutover> => {
      const quietMs = parseQuiet('quietSeconds', request.query.quietSeconds, 1)
      const { workspaceId } = await callerOf(request, ports.workspaces)
      const id = parseIdentitySecretId(request.params.id)
      const report = id === null ? null : await readCutover(ports, workspaceId, id, quietMs)
      if (!report) throw new DomainError('secret_unknown')
      return toCutover(report)
    },
  })

  app.get<OfUsage>('/v1/integrators/:id/usage', {
    schema: operations.readIntegratorUsage,
    config,
    onRequest: ofIntegrators,
    handler: async (request): Promise<IntegratorUsage> => {
      const question = questionOf(ports, request)
      const fingerprints = await ports.usage.fingerprints(await integratorOf(ports, request))
      return toIntegratorUsage(await readUsage(ports, [...fingerprints.keys()], question), fingerprints)
    },
  })

  app.get<OfCutover>('/v1/integrators/:id/cutover', {
    schema: operations.readIntegratorCutover,
    config,
    onRequest: ofIntegrators,
    handler: async (request) => {
      const quietMs = parseQuiet('quietSeconds', request.query.quietSeconds, 1)
      const { workspaceId, integratorId } = await integratorOf(ports, request)
      return toIntegratorCutover(await readIntegratorCutover(ports, workspaceId, integratorId, quietMs))
    },
  })
}

async function integratorOf(ports: UsageRoutePorts, request: FastifyRequest<{ Params: { id: string } }>) {
  const { workspaceId } = await callerOf(request, ports.workspaces)
  const integrator = await ports.integrators.find(workspaceId, idParam(request))
  if (!integrator) throw new DomainError('integrator_unknown')
  return { workspaceId, integratorId: integrator.id } satisfies UsageOwner
}

function questionOf({ system }: UsageRoutePorts, { query }: FastifyRequest<OfUsage>): UsageQuestion {
  return { bucket: query.bucket ?? 'hour', ...parsePeriod(query, system.nowMs()) }
}
