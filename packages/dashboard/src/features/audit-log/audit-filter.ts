import type { AuditLogQuery } from '@cutover/client'

export interface AuditFilter {
  readonly action: string
  readonly actor: string
  readonly resource: string
  readonly result: '' | 'success' | 'failure'
  /** Local time, `2026-11-21T12:00`, as the browser's field has it; empty: no bound. */
  readonly from: string
  readonly to: string
  readonly chain: '' | 'instance'
}

const names = ['action', 'actor', 'resource', 'result', 'from', 'to', 'chain'] as const

/** It stands in the address: a search can be sent to somebody. */
export function filterOf(params: URLSearchParams): AuditFilter {
  const values = Object.fromEntries(names.map((name) => [name, params.get(name) ?? '']))
  return values as unknown as AuditFilter // sound: what the API does not know it refuses, in words
}

export function paramsOf(filter: AuditFilter): Record<string, string> {
  return Object.fromEntries(names.flatMap((name) => (filter[name] === '' ? [] : [[name, filter[name]]])))
}

export function queryOf({ action, actor, resource, result, from, to, chain }: AuditFilter): AuditLogQuery {
  return {
    ...(action && { action }),
    ...(actor && { actor }),
    ...(resource && { resource }),
    ...(result && { result }),
    ...(from && { from: new Date(from).toISOString() }),
    ...(to && { to: new Date(to).toISOString() }),
    ...(chain && { chain }),
  }
}
