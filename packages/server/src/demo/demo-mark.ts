import type { AuditDraft } from '../audit/audit-entry.ts'
import type { AuditReader } from '../audit/ports.ts'
import { StartupRefusal } from '../startup-refusal.ts'

/** The first entries of a store: one of them says that it is a demo's. Nobody can take it out unnoticed. */
const firstEntries = 10

const action = 'store.demo_made'

export function demoMark(): AuditDraft {
  return {
    chain: 'instance',
    action,
    actor: { type: 'system', id: 'demo', name: null },
    resource: { type: 'store', id: null },
    result: 'success',
    metadata: {},
    requestId: null,
    ip: null,
  }
}

/** A demo goes on with its own store alone, and nothing but the demo with that. @param audit - `null`: it is empty */
export async function assertStoreFits(audit: Pick<AuditReader, 'page'> | null, isDemo: boolean): Promise<void> {
  const entries = audit === null ? [] : await audit.page('instance', 0, firstEntries)
  // Empty still: a first start that was interrupted.
  if (entries.length === 0) return
  const wasMadeByDemo = entries.some((entry) => entry.action === action)
  if (isDemo && !wasMadeByDemo) {
    throw new StartupRefusal(
      'The demo needs an empty store, and this one is in use: set CUTOVER_DATA_DIR to a new directory for it.',
    )
  }
  if (!isDemo && wasMadeByDemo) {
    throw new StartupRefusal(
      'This store was filled by the demo and is not for real use: start it with --demo, or set CUTOVER_DATA_DIR to a new directory.',
    )
  }
}
