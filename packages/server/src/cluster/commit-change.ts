import type { AccessTokenReader } from '../access-tokens/ports.ts'
import type { AuditDraft, AuditWriter } from '../audit/ports.ts'
import { DomainError } from '../domain-error.ts'
import type { System } from '../system.ts'
import type { Barrier, Change, EpochWriter, Lease, MarkWriter } from './ports.ts'

/** The part of a transaction that every change needs, whatever it changes. */
export interface ChangeTransaction {
  readonly epoch: EpochWriter
  readonly audit: AuditWriter
  readonly accessTokens: AccessTokenReader
}

export interface Transactions<Tx> {
  /** Commits when `work` returns, rolls back when it throws. May run `work` again after a conflict. */
  transaction<Result>(work: (tx: Tx) => Promise<Result>): Promise<Result>
}

export interface ChangePorts<Tx extends ChangeTransaction> {
  readonly store: Transactions<Tx>
  readonly barrier: Barrier
  /** `null`: changes are not remembered outside the store. */
  readonly marks: MarkWriter | null
  readonly lease: Lease
  readonly system: System
}

/** What the work of one change hands back, to be committed together with it. */
export interface Changed<Result> {
  readonly result: Result
  readonly change: Omit<Change, 'epoch'>
  readonly audit: AuditDraft
}

/**
 * Runs one change that verifiers read: the change, its place in the feed and its audit entry commit together or not
 * at all, and this resolves only when no node holds the state before it. Locks are taken in the order epoch, subject,
 * audit head. The credential is checked again inside: it may have been revoked while the request was arriving.
 *
 * @param tokenId - `null`: the request was signed, and `work` itself guards that its secret is still the current one
 */
export async function commitChange<Tx extends ChangeTransaction, Result>(
  ports: ChangePorts<Tx>,
  tokenId: string | null,
  work: (tx: Tx, epoch: number) => Promise<Changed<Result>>,
): Promise<{ readonly result: Result; readonly epoch: number }> {
  const committed = await ports.store.transaction(async (tx) => {
    if (!ports.lease.isHeld()) throw new DomainError('lease_lost')
    const epoch = await tx.epoch.advance()
    if (tokenId !== null) await assertLive(tx, tokenId, ports.system.nowMs())
    const { result, change, audit } = await work(tx, epoch)
    const place = await tx.audit.append(audit, ports.system.nowMs())
    await tx.epoch.record({ epoch, ...change }, place)
    return { result, epoch, audit: place }
  })
  const { result, epoch } = committed
  // Before the answer: after a restore of an older store, what was answered is known to be missing.
  ports.marks?.append(committed)
  await ports.barrier.passed(epoch)
  return { result, epoch }
}

/** What the work of a change hands back when there is nothing to do. */
export interface SoAlready<Result> {
  readonly soAlready: Result
}

/** Thrown to leave a transaction in which there turned out to be nothing to do. */
class NothingToDo<Result> extends Error {
  readonly result: Result
  readonly epoch: number

  constructor(result: Result, epoch: number) {
    super('so already')
    this.result = result
    this.epoch = epoch
  }
}

/**
 * As `commitChange`, for work that may find that what is asked for is so already: then nothing is written, and the
 * answer comes no earlier than that of whoever made it so. The lock on the epoch keeps what the work saw true.
 */
export async function commitUnlessSo<Tx extends ChangeTransaction, Result>(
  ports: ChangePorts<Tx>,
  tokenId: string | null,
  work: (tx: Tx, epoch: number) => Promise<Changed<Result> | SoAlready<Result>>,
): Promise<{ readonly result: Result; readonly epoch: number }> {
  try {
    return await commitChange(ports, tokenId, async (tx, epoch) => {
      const changed = await work(tx, epoch)
      if ('soAlready' in changed) throw new NothingToDo(changed.soAlready, epoch - 1)
      return changed
    })
  } catch (error) {
    if (!(error instanceof NothingToDo)) throw error
    const { result, epoch } = error as NothingToDo<Result> // sound: it was thrown above
    await ports.barrier.passed(epoch)
    return { result, epoch }
  }
}

async function assertLive(tx: ChangeTransaction, tokenId: string, nowMs: number): Promise<void> {
  if (!(await tx.accessTokens.isLive(tokenId, nowMs))) throw new DomainError('token_invalid')
}
