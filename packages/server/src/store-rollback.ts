import type { Logger } from 'pino'
import type { RevocationMark } from './cluster/ports.ts'
import { StartupRefusal } from './startup-refusal.ts'
import type { MarkFile } from './storage/mark-file.ts'
import type { Store } from './storage/store.ts'
import type { System } from './system.ts'

/**
 * Holds the store against what is remembered of it: an older one would accept again what was deleted since.
 *
 * @param store - `null`: there is none yet
 * @returns whether the store is no older; `false` only where the operator accepts that it is
 */
export async function assertStoreIsNewest(
  store: Store | null,
  marks: Pick<MarkFile, 'newest'> | null,
  isAccepted: boolean,
): Promise<boolean> {
  const mark = marks?.newest() ?? null
  if (mark === null) return true
  const fault = store === null ? `it is empty, and the mark is at epoch ${mark.epoch}` : await faultOf(store, mark)
  if (fault === null) return true
  if (isAccepted) return false
  throw new StartupRefusal(
    `The store is older than what CUTOVER_MARK_FILE remembers: ${fault}. It would accept again what was deleted since. ` +
      'Restore a newer one, or start once with --accept-store-rollback: that disables every secret and revokes every token.',
  )
}

async function faultOf(store: Store, { epoch, audit }: RevocationMark): Promise<string | null> {
  const { current } = await store.read.epoch.since(Number.MAX_SAFE_INTEGER)
  if (current < epoch) return `it is at epoch ${current}, and the mark at epoch ${epoch}`
  const [entry] = await store.read.audit.page(audit.chain, audit.sequence - 1, 1)
  if (entry?.hash === audit.hash) return null
  return `it is at epoch ${current}, but has another audit entry ${audit.sequence} in the chain ${audit.chain} than the mark of epoch ${epoch}`
}

export interface AcceptingPorts {
  readonly store: Store
  readonly marks: MarkFile
  readonly system: System
  readonly logger: Logger
  /** Nothing in it is older than this start. */
  readonly isNew: boolean
}

/** Goes on with an older store, without trusting anything in it that signs or calls. */
export async function acceptStore({ store, marks, system, logger, isNew }: AcceptingPorts): Promise<void> {
  const lost = marks.newest()?.epoch ?? 0
  const mark = await store.transaction(async (tx) => {
    await tx.epoch.skipTo(lost)
    const epoch = await tx.epoch.advance()
    const atMs = system.nowMs()
    if (!isNew) {
      await tx.rollback.disableAllSecrets(atMs)
      await tx.rollback.revokeAllTokens({ atMs, epoch })
    }
    const audit = await tx.audit.append(
      {
        chain: 'instance',
        action: 'store.rollback_accepted',
        actor: { type: 'system', id: 'start', name: null },
        resource: { type: 'store', id: null },
        result: 'success',
        metadata: { epoch, lostEpoch: lost },
        requestId: null,
        ip: null,
      },
      atMs,
    )
    await tx.epoch.record({ epoch, workspaceId: null, part: 'workspaces' }, audit)
    return { epoch, audit }
  })
  marks.append(mark)
  logger.warn(
    { epoch: mark.epoch },
    isNew
      ? 'an empty store was accepted in place of the one that is remembered'
      : 'an older store was accepted: every secret is disabled and every token revoked; make a token with: npx cutover tokens create --local',
  )
}
