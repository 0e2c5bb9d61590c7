import type { AuditAction, AuditResult } from '@cutover/contract'
import type { AuditFilter } from '../../audit/ports.ts'
import { Refusal } from '../refusal.ts'
import { parseTime } from './time-field.ts'

/** The filters as they arrive; `action` and `result` have passed the schema. */
export interface AuditLogQuery {
  readonly actor?: string
  readonly action?: AuditAction
  readonly resource?: string
  readonly result?: AuditResult
  readonly from?: string
  readonly to?: string
}

const idShape = /^[\x20-\x7e]{1,255}$/

export function parseAuditFilter(query: AuditLogQuery): AuditFilter {
  return {
    actorId: parseId('actor', query.actor),
    action: query.action ?? null,
    resourceId: parseId('resource', query.resource),
    result: query.result ?? null,
    fromMs: parseTime('from', query.from),
    toMs: parseTime('to', query.to),
  }
}

function parseId(field: string, id: string | undefined): string | null {
  if (id !== undefined && !idShape.test(id)) throw fault(field, 'must be 1 to 255 printable ASCII characters')
  return id ?? null
}

function fault(field: string, rest: string): Refusal {
  return new Refusal('fields_invalid', { faults: [{ field, message: `${field} ${rest}`, isTypeMismatch: false }] })
}
