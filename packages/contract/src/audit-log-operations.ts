import { Type } from 'typebox'
import { PageQuery } from './access-token-operations.ts'
import { type Answer, bearer, json, nativeBodyErrors, nativeErrors, WorkspaceHeader } from './answers.ts'
import { auditActions } from './audit-actions.ts'
import { AuditCheckpoint, AuditEntryList, AuditKey, auditResults } from './audit-log.ts'
import { responseHeaders } from './headers.ts'

const tags = ['Audit log']
const security = bearer
const headers = WorkspaceHeader
const scope = 'Scope: `read_audit_log`.'

/** A query that is not known is refused: a filter that was misspelled must not look like one that found nothing. */
const strict = { additionalProperties: false }

const ChainQuery = {
  chain: Type.Optional(
    Type.Enum(['instance'] as const, {
      description: 'For instance tokens: what belongs to no workspace, in place of the log of the workspace',
    }),
  ),
}

const id = (description: string) =>
  Type.Optional(Type.String({ description: `${description}; 1 to 255 printable ASCII characters` }))
const time = (description: string) =>
  Type.Optional(Type.String({ description: `${description}; ISO 8601, to the second or finer, with Z or an offset` }))

const errors = { ...nativeErrors, 422: nativeBodyErrors[422] }

const ndjson: Answer = {
  description: 'One entry on each line, as JSON',
  headers: responseHeaders.requestId,
  content: { 'application/x-ndjson': { schema: Type.String({ description: 'Lines of AuditEntry' }) } },
}

export const auditLogOperations = {
  listAuditLog: {
    operationId: 'listAuditLog',
    tags,
    summary: 'Search the audit log',
    description: `Newest first, by time. Filters are combined: an entry has to fit all of them. ${scope}`,
    security,
    headers,
    querystring: Type.Object(
      {
        actor: id('The id of who did it'),
        action: Type.Optional(Type.Enum(auditActions)),
        resource: id('The id of what it was done to'),
        result: Type.Optional(Type.Enum(auditResults)),
        from: time('At this time or later'),
        to: time('Before this time'),
        ...ChainQuery,
        ...PageQuery,
      },
      strict,
    ),
    response: { 200: json('One page', AuditEntryList), ...errors },
  },
  exportAuditLog: {
    operationId: 'exportAuditLog',
    tags,
    summary: 'Export the audit log',
    description:
      'The whole chain as it is at this moment, oldest first. A stream that breaks off is not the whole chain: its ' +
      `last line is then missing or incomplete, and the connection is cut. ${scope}`,
    security,
    headers,
    querystring: Type.Object(ChainQuery, strict),
    response: { 200: ndjson, ...errors },
  },
  checkpointAuditLog: {
    operationId: 'checkpointAuditLog',
    tags,
    summary: 'Make a signed checkpoint',
    description: `How long the chain is now and what its last hash is, signed. Keep it elsewhere. ${scope}`,
    security,
    headers,
    querystring: Type.Object(ChainQuery, strict),
    response: { 200: json('The checkpoint', AuditCheckpoint), ...errors },
  },
  auditLogKey: {
    operationId: 'auditLogKey',
    tags,
    summary: 'The key that signs checkpoints',
    description: `One for the whole installation. ${scope}`,
    security,
    querystring: Type.Object({}, strict),
    response: { 200: json('The public key', AuditKey), ...errors },
  },
} as const
