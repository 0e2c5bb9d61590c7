import type { AuditAction } from '@cutover/contract'
import type { AuditActor, AuditDraft } from './audit/audit-entry.ts'
import type { ListedNode } from './cluster/ports.ts'
import type { Repositories, Store } from './storage/store.ts'
import type { System } from './system.ts'

export interface AdmissionPorts {
  readonly store: Pick<Store, 'read' | 'transaction'>
  readonly system: System
  readonly actor: AuditActor
}

/** `lacking`: the registered nodes that could not open what the key seals. */
export interface Admission {
  readonly isAdmitted: boolean
  readonly lacking: readonly ListedNode[]
}

/**
 * Lets a key seal that the store knows, once every registered node has it. Both this and a registration hold the lock of
 * the epoch, and a node registers only with every key that seals: so whoever serves can open what is sealed.
 */
export async function admitMasterKey({ store, system, actor }: AdmissionPorts, kid: string): Promise<Admission> {
  const settled = await settledAdmission(store.read, kid)
  if (settled) return settled
  return store.transaction(async (tx) => {
    await tx.epoch.lock()
    const settled = await settledAdmission(tx, kid)
    if (settled) return settled
    const lacking = (await tx.nodes.list()).filter(({ fenced, keyIds }) => !fenced && !keyIds.includes(kid))
    if (lacking.length > 0) return { isAdmitted: false, lacking }
    await tx.masterKeys.setState(kid, 'admitted')
    await tx.audit.append(masterKeyEntry('master_key.admitted', actor, { kid }), system.nowMs())
    return { isAdmitted: true, lacking: [] }
  })
}

/** `null`: it may be admitted. */
async function settledAdmission(
  { masterKeys }: Pick<Repositories, 'masterKeys'>,
  kid: string,
): Promise<Admission | null> {
  const state = (await masterKeys.all()).find((key) => key.kid === kid)?.state
  return state === 'known' ? null : { isAdmitted: state === 'admitted', lacking: [] }
}

export function masterKeyEntry(
  action: Extract<AuditAction, `master_key.${string}`>,
  actor: AuditActor,
  metadata: AuditDraft['metadata'],
): AuditDraft {
  return {
    chain: 'instance',
    action,
    actor,
    resource: { type: 'store', id: null },
    result: 'success',
    metadata,
    requestId: null,
    ip: null,
  }
}
