import type { AuditAction, AuditResult } from '@cutover/contract'
import type { AuditFilter } from '../../audit/ports.ts'
import { Refusal } from '../refusal.ts'

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

/** RFC 3339, which is what ISO 8601 has for a moment; finer than a millisecond it could not be compared. */
const timeShape = /^(\d{4}-\d{2}-\d{2})T\d{2}:\d{2}:\d{2}(?:\.\d{1,3})?(?:Z|[+-]\d{2}:\d{2})$/

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

function parseTime(field: string, time: string | undefined): number | null {
  if (time === undefined) return null
  const [, date] = timeShape.exec(time) ?? []
  const atMs = date !== undefined && isDate(date) ? Date.parse(time) : Number.NaN
  if (Number.isNaN(atMs)) throw fault(field, 'must be a time like 2026-11-21T12:00:00Z')
  return atMs
}

/** The parser of dates turns the 30th of February into a day in March. */
function isDate(date: string): boolean {
  const midnight = new Date(`${date}T00:00:00.000Z`)
  return !Number.isNaN(midnight.getTime()) && midnight.toISOString().startsWith(date)
}

function fault(field: string, rest: string): Refusal {
  return new Refusal('fields_invalid', { faults: [{ field, message: `${field} ${rest}`, isTypeMismatch: false }] })
}
