import { Readable } from 'node:stream'
import { type AuditCheckpoint, type AuditEntryList, type AuditKey, operations } from '@cutover/contract'
import { auditLogLine } from '@cutover/signing'
import type { FastifyInstance, FastifyRequest } from 'fastify'
import type { CredentialCache } from '../../access-tokens/credential-cache.ts'
import type { AuditEntry } from '../../audit/audit-entry.ts'
import { exportAuditLog } from '../../audit/export-audit-log.ts'
import type { AuditReader } from '../../audit/ports.ts'
import { type CheckpointPorts, takeCheckpoint } from '../../audit/take-checkpoint.ts'
import { DomainError } from '../../domain-error.ts'
import type { WorkspaceDirectory } from '../../workspaces/workspace-directory.ts'
import { callerOf, credentialOf } from '../caller.ts'
import { pageOf, parsePage } from '../page.ts'
import { authorize } from '../plugins/authorization.ts'
import { problemDialect } from '../problem.ts'
import { toRefusal } from '../refusal.ts'
import { type AuditLogQuery, parseAuditFilter } from './audit-log-query.ts'

export interface AuditLogPorts extends CheckpointPorts {
  readonly audit: AuditReader
  readonly credentials: CredentialCache
  readonly workspaces: WorkspaceDirectory
  onBrokenExport(error: unknown, requestId: string): void
}

/** How long a reader of an export may take nothing before it is given up. */
const stalledMs = 30_000

interface ChainQuery {
  readonly chain?: 'instance'
}

interface PageQuery {
  readonly limit?: string
  readonly cursor?: string
}

export function auditLogRoutes(app: FastifyInstance, ports: AuditLogPorts): void {
  const options = { config: { dialect: problemDialect }, onRequest: authorize(ports.credentials, 'read_audit_log') }

  app.get<{ Querystring: AuditLogQuery & ChainQuery & PageQuery }>('/v1/audit-log', {
    ...options,
    schema: operations.listAuditLog,
    handler: async (request): Promise<AuditEntryList> => {
      const page = parsePage(request.query)
      const filter = parseAuditFilter(request.query)
      const chain = await chainOf(request, ports.workspaces)
      const read = async (after: string | null, limit: number) => {
        const entries = await ports.audit.find(chain, filter, after === null ? null : Number(after), limit)
        return entries.map((entry) => ({ entry, cursor: String(entry.sequence) }))
      }
      const { data, nextCursor } = await pageOf(page, read, ({ entry }) => entry)
      return { data: [...data], nextCursor }
    },
  })

  app.get<{ Querystring: ChainQuery }>('/v1/audit-log/export', {
    ...options,
    schema: operations.exportAuditLog,
    handler: async (request, reply) => {
      const chain = await chainOf(request, ports.workspaces)
      const pages = exportAuditLog(ports.audit, chain)
      // Before the head of the answer, so that a store that does not answer is a 503 and no stream that breaks off.
      const first = await pages.next()
      // Fastify reads what it answers to HEAD to its end.
      if (request.method === 'HEAD') await pages.return(undefined)
      reply.raw.setTimeout(stalledMs, () => reply.raw.destroy())
      return reply.type('application/x-ndjson').send(Readable.from(lines(request, ports, first.value ?? [], pages)))
    },
  })

  app.get<{ Querystring: ChainQuery }>('/v1/audit-log/checkpoint', {
    ...options,
    schema: operations.checkpointAuditLog,
    handler: async (request): Promise<AuditCheckpoint> =>
      takeCheckpoint(ports, await chainOf(request, ports.workspaces)),
  })

  app.get('/v1/audit-log/key', {
    ...options,
    schema: operations.auditLogKey,
    handler: async (): Promise<AuditKey> => ports.key.jwk,
  })
}

/** To a workspace token the chain of the instance is as absent as a workspace that is not its own. */
async function chainOf(
  request: FastifyRequest<{ Querystring: ChainQuery }>,
  workspaces: WorkspaceDirectory,
): Promise<string> {
  if (request.query.chain === undefined) return (await callerOf(request, workspaces)).workspaceId
  if (credentialOf(request).workspaceId !== null) throw new DomainError('workspace_unknown')
  return 'instance'
}

/** A page at a time; the next one is read once the reader has taken this one. */
async function* lines(
  request: FastifyRequest,
  { onBrokenExport }: AuditLogPorts,
  first: readonly AuditEntry[],
  pages: AsyncIterable<readonly AuditEntry[]>,
): AsyncGenerator<string, void, undefined> {
  if (first.length > 0) yield toLines(first)
  try {
    for await (const entries of pages) yield toLines(entries)
  } catch (error) {
    // The head of the answer is out: all that is left is to cut the connection, which throwing does.
    request.refusal = toRefusal(error).kind
    onBrokenExport(error, request.id)
    throw error
  }
}

function toLines(entries: readonly AuditEntry[]): string {
  return entries.map((entry) => `${auditLogLine(entry)}\n`).join('')
}
