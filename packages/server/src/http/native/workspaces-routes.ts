import { headers, type NameWorkspace, operations, type Workspace as WorkspaceWire } from '@cutover/contract'
import type { FastifyInstance, FastifyRequest } from 'fastify'
import type { CredentialCache } from '../../access-tokens/credential-cache.ts'
import { isoTime } from '../../iso-time.ts'
import {
  createWorkspace,
  deleteWorkspace,
  renameWorkspace,
  type WorkspacePorts,
} from '../../workspaces/change-workspaces.ts'
import type { WorkspaceReader } from '../../workspaces/ports.ts'
import type { Workspace } from '../../workspaces/workspace.ts'
import { actorOf, credentialOf } from '../caller.ts'
import { idParam } from '../id-param.ts'
import { pageOf, parsePage } from '../page.ts'
import { authorize } from '../plugins/authorization.ts'
import { problemDialect } from '../problem.ts'
import { parseNameField } from './name-field.ts'

export interface WorkspaceRoutePorts extends WorkspacePorts {
  readonly credentials: CredentialCache
  readonly workspaceReader: WorkspaceReader
}

/** For the operator of the whole installation; only instance tokens can hold the scope. */
export function workspacesRoutes(app: FastifyInstance, ports: WorkspaceRoutePorts): void {
  const onRequest = authorize(ports.credentials, 'manage_workspaces')
  const config = { dialect: problemDialect }

  app.post<{ Body: NameWorkspace }>('/v1/workspaces', {
    schema: operations.createWorkspace,
    config: { ...config, auditAction: 'workspace.created' },
    onRequest,
    handler: async (request, reply) => {
      const name = parseNameField(request.body.name)
      const workspace = await createWorkspace(ports, { ...commandOf(request), name })
      return reply.code(201).send(toWire(workspace))
    },
  })

  app.get<{ Querystring: { limit?: string; cursor?: string } }>('/v1/workspaces', {
    schema: operations.listWorkspaces,
    config,
    onRequest,
    handler: (request) => {
      const read = (after: string | null, limit: number) => ports.workspaceReader.page(after, limit)
      return pageOf(parsePage(request.query), read, toWire)
    },
  })

  app.patch<{ Params: { id: string }; Body: NameWorkspace }>('/v1/workspaces/:id', {
    schema: operations.renameWorkspace,
    config: { ...config, auditAction: 'workspace.renamed' },
    onRequest,
    handler: async (request) => {
      const name = parseNameField(request.body.name)
      return toWire(await renameWorkspace(ports, { ...commandOf(request), id: idParam(request), name }))
    },
  })

  app.delete<{ Params: { id: string } }>('/v1/workspaces/:id', {
    schema: operations.deleteWorkspace,
    config: { ...config, auditAction: 'workspace.deleted' },
    onRequest,
    handler: async (request, reply) => {
      const epoch = await deleteWorkspace(ports, { ...commandOf(request), id: idParam(request) })
      return reply.code(204).header(headers.revocationEpoch, epoch).send()
    },
  })
}

function commandOf(request: FastifyRequest) {
  return { actor: actorOf(credentialOf(request)), requestId: request.id, ip: request.ip }
}

function toWire({ id, name, createdAtMs }: Workspace): WorkspaceWire {
  return { id, name, createdAt: isoTime(createdAtMs) }
}
