import type { Logger } from 'pino'
import { admitMasterKey } from './admit-master-key.ts'
import { type AuditSigningKey, loadAuditSigningKey } from './audit/audit-signing-key.ts'
import type { AuditKeySealer } from './audit/ports.ts'
import { leaseTiming } from './cluster/lease-timing.ts'
import type { Settings } from './config.ts'
import { assertStoreFits } from './demo/demo-mark.ts'
import { firstStart } from './first-start.ts'
import { type BoundSealers, boundSealers } from './sealing/bound-sealers.ts'
import { makeKeyCheck, verifyKeyChecks } from './sealing/key-check.ts'
import { loadMasterKeys, type MasterKeys } from './sealing/master-keys.ts'
import { createSealer, SealError } from './sealing/sealer.ts'
import { StartupRefusal } from './startup-refusal.ts'
import type { AppendedEntry } from './storage/appended-entries.ts'
import { compactMarkFile, MarkFile } from './storage/mark-file.ts'
import { migrate } from './storage/migrate.ts'
import { type OpenedStore, openStore, type ProcessRole } from './storage/open-store.ts'
import { Store } from './storage/store.ts'
import { acceptStore, assertStoreIsNewest } from './store-rollback.ts'
import type { System } from './system.ts'
import { takeOver } from './take-over.ts'

export interface OpeningPorts {
  readonly system: System
  readonly logger: Logger
  readonly role: ProcessRole
  /** The operator says that an older store is the one to go on with. */
  readonly acceptsStoreRollback: boolean
  /** The store is, or becomes, one that is for looking only. */
  readonly isDemo: boolean
  onAppended(appended: AppendedEntry): void
  /** The token that a first start made, told as soon as it is in the store: it is in no other place. */
  onFirstToken?(token: string): void
  onDiskFailure(error: unknown): void
}

/** A store that is this installation's: up to date, unlocked, and not older than what is remembered of it. */
export interface Installation {
  readonly opened: OpenedStore
  readonly store: Store
  readonly sealer: BoundSealers
  /** The `kid` of each master key that opens. */
  readonly keyIds: readonly string[]
  readonly auditKey: AuditSigningKey
  /** `null`: changes are not remembered outside the store. */
  readonly marks: MarkFile | null
  close(): Promise<void>
}

export async function openInstallation(settings: Settings, ports: OpeningPorts): Promise<Installation> {
  const opened = await openStore(
    {
      dataDirectory: settings.CUTOVER_DATA_DIR,
      databaseUrl: settings.CUTOVER_DATABASE_URL,
      onDiskFailure: ports.onDiskFailure,
    },
    ports.role,
    Math.max(500, leaseTiming(settings.CUTOVER_LEASE_MS).renewEveryMs * 2),
  )
  try {
    return await unlock(opened, settings, ports)
  } catch (error) {
    await opened.close()
    throw error
  }
}

async function unlock(opened: OpenedStore, settings: Settings, ports: OpeningPorts): Promise<Installation> {
  const store = new Store(opened.db, ports.onAppended)
  await assertStoreFits(opened.isEmpty ? null : store.read.audit, ports.isDemo)
  const marks = openMarks(settings, ports.role, opened)
  const isOlder = !(await assertStoreIsNewest(opened.isEmpty ? null : store, marks, ports.acceptsStoreRollback))
  const masterKeys = await prove(opened, store, settings, ports)
  const keyIds = masterKeys.map(({ kid }) => kid)
  const leave = await takeOverAlone(opened, store, keyIds, ports)
  await preferFirstKey(store, masterKeys, ports)
  const sealer = boundSealers(createSealer(masterKeys), keyIds)
  const auditKey = await openAuditKey(store, sealer, ports.system)
  if (isOlder && marks) {
    await acceptStore({ store, marks, system: ports.system, logger: ports.logger, isNew: opened.isEmpty })
  }
  return {
    opened,
    store,
    sealer,
    keyIds,
    auditKey,
    marks,
    async close() {
      await leave()
      await opened.close()
      marks?.close()
    },
  }
}

async function takeOverAlone(
  { engine, isAlone }: OpenedStore,
  store: Store,
  keyIds: readonly string[],
  { role, system }: OpeningPorts,
): Promise<() => Promise<void>> {
  if (role === 'worker' || engine !== 'sqlite') return async () => {}
  return takeOver({ store, system, keyIds: isAlone ? keyIds : null })
}

/** Where a node lacks the key, an older one goes on sealing: the last node that is given it, or time, lets it seal. */
async function preferFirstKey(store: Store, [{ kid }]: MasterKeys, { system, logger }: OpeningPorts): Promise<void> {
  const actor = { type: 'system', id: 'start', name: null } as const
  const { isAdmitted, lacking } = await admitMasterKey({ store, system, actor }, kid)
  if (isAdmitted) return
  if (lacking.length > 0) {
    logger.warn({ kid, lacking: lacking.map(({ nodeId }) => nodeId) }, 'this master key seals once every node has it')
  } else {
    logger.warn({ kid }, 'this master key seals no more: another of those that are configured does')
  }
}

function openMarks({ CUTOVER_MARK_FILE }: Settings, role: ProcessRole, { engine }: OpenedStore): MarkFile | null {
  if (CUTOVER_MARK_FILE === undefined) return null
  // Nodes on PostgreSQL may share the file: what another one appends meanwhile would be lost.
  if (role !== 'worker' && engine === 'sqlite') compactMarkFile(CUTOVER_MARK_FILE)
  return new MarkFile(CUTOVER_MARK_FILE)
}

/** The master keys, once they are proven to be those of this store; nothing is written to it before. */
async function prove(opened: OpenedStore, store: Store, settings: Settings, ports: OpeningPorts) {
  const { system, logger, onFirstToken } = ports
  const checks = opened.isEmpty ? [] : await store.read.masterKeys.all()
  const isFirstStart = checks.length === 0
  const loaded = await loadMasterKeys(
    {
      json: settings.CUTOVER_MASTER_KEYS,
      file: settings.CUTOVER_MASTER_KEYS_FILE,
      dataDirectory: settings.CUTOVER_DATA_DIR,
      storeIsNew: isFirstStart,
    },
    system,
  )
  for (const warning of loaded.warnings) logger.warn(warning)
  const { masterKeys } = loaded
  await verifyKeyChecks(masterKeys, checks)
  if (ports.role !== 'worker') await migrate(opened.db, opened.engine)
  if (isFirstStart) {
    const first = await firstStart({ store, system }, masterKeys, settings.CUTOVER_BOOTSTRAP_TOKEN, ports.isDemo)
    if (first.token !== null) onFirstToken?.(first.token)
    // Another node was first: it may have made another kind of store.
    if (!first.isDone) await assertStoreFits(store.read.audit, ports.isDemo)
  }
  await rememberKeys(store, system, masterKeys)
  return masterKeys
}

/** Again, now that nothing is empty: another node may have been first, and its keys are to be held against as well. */
async function rememberKeys(store: Store, system: System, masterKeys: MasterKeys): Promise<void> {
  const unseen = await verifyKeyChecks(masterKeys, await store.read.masterKeys.all())
  if (unseen.length === 0) return
  const checks = await Promise.all(unseen.map(makeKeyCheck))
  await store.transaction(async (tx) => {
    for (const check of checks) await tx.masterKeys.insert({ ...check, state: 'known' }, system.nowMs())
  })
  await verifyKeyChecks(masterKeys, await store.read.masterKeys.all())
}

/** One that does not open is not made anew: the checkpoints that it signed must stay verifiable. */
async function openAuditKey(store: Store, sealer: AuditKeySealer, system: System): Promise<AuditSigningKey> {
  try {
    return await loadAuditSigningKey({ store, sealer, system })
  } catch (error) {
    if (!(error instanceof SealError)) throw error
    throw new StartupRefusal(
      'The signing key of the audit log does not open: the store holds another one than it was sealed as.',
      { cause: error },
    )
  }
}
