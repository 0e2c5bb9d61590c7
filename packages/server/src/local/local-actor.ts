import { userInfo } from 'node:os'
import type { AuditActor } from '../audit/audit-entry.ts'

/** Whoever can write to the store could do it anyway; what they do here leaves a trace with the name of their account. */
export function localActor(): AuditActor {
  return { type: 'system', id: 'local', name: userInfo().username }
}
