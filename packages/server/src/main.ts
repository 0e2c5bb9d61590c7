import { randomBytes } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { createSecureContext } from 'node:tls'
import { limits } from '@cutover/contract'
import type { FastifyInstance } from 'fastify'
import type { Logger } from 'pino'
import { CredentialCache } from './access-tokens/credential-cache.ts'
import { TokenUses } from './access-tokens/token-uses.ts'
import { loadAuditSigningKey } from './audit/audit-signing-key.ts'
import { CheckpointLog } from './audit/checkpoint-log.ts'
import type { AuditKeySealer } from './audit/ports.ts'
import { recordRead } from './audit/record-read.ts'
import { RefusalRecorder } from './audit/refusal-recorder.ts'
import { takeCheckpoint } from './audit/take-checkpoint.ts'
import { ChangeFeed } from './cluster/change-feed.ts'
import { type Settings, trustedProxies } from './config.ts'
import { firstStart } from './first-start.ts'
import { buildApp } from './http/app.ts'
import { OneAtATime } from './idempotency/one-at-a-time.ts'
import { forgetSignatures } from './integrators/consume-signature.ts'
import { integratorKeysets } from './integrators/integrator-keysets.ts'
import { makeLinePrinter, makeLogger } from './log.ts'
import { LookupPool } from './lookup-pool.ts'
import { metricsRegistry } from './metrics.ts'
import { RateLimits } from './rate-limits/rate-limits.ts'
import { boundSealers } from './sealing/bound-sealers.ts'
import { makeKeyCheck, verifyKeyChecks } from './sealing/key-check.ts'
import { loadMasterKeys, type MasterKey } from './sealing/master-keys.ts'
import { createSealer, SealError } from './sealing/sealer.ts'
import { KeysetCache } from './signing-secrets/keyset-cache.ts'
import { StartupRefusal } from './startup-refusal.ts'
import { migrate } from './storage/migrate.ts'
import { type OpenedStore, openStore } from './storage/open-store.ts'
import { Store } from './storage/store.ts'
import type { System } from './system.ts'
import { VerificationCounts } from './verification/verification-counts.ts'
import { workspaceKeysets } from './verification/workspace-keysets.ts'
import { WorkspaceDirectory } from './workspaces/workspace-directory.ts'

export { readSettings, type Settings, SettingsSchema } from './config.ts'
export { StartupRefusal } from './startup-refusal.ts'

export const version = '0.1.0'

const feedPollMs = 1000
const usesFlushMs = 10_000
const housekeepingMs = 60_000

/** A node that is further behind drops its caches instead of reading what it missed. */
const keptChanges = 10_000

const realSystem: System = { nowMs: Date.now, randomBytes }

/** What tests replace, and what a process that embeds Cutover decides. */
export interface Surroundings {
  readonly system?: System
  readonly logger?: Logger
  readonly idempotencyWaitMs?: number
  /** Where audit entries are printed when they are to be. */
  printEntry?(entry: object): void
  /** The token that a first start made, told as soon as it is in the store: it is in no other place. */
  onFirstToken?(token: string): void
  /** The disk failed: the process must end and not try again. */
  onDiskFailure?(error: unknown): void
}

export interface Cutover {
  readonly app: FastifyInstance
  readonly logger: Logger
  readonly opened: OpenedStore
  readonly store: Store
  readonly feed: ChangeFeed
  readonly refusals: RefusalRecorder
  readonly checkpointLog: CheckpointLog
  /** From now on `/readyz` sends traffic elsewhere. */
  beginStopping(): void
  /** Finishes what is in flight and lets the store go. */
  stop(): Promise<void>
}

/** Puts everything together; the caller listens. The only function that sees all parts. */
export async function assemble(settings: Settings, surroundings: Surroundings = {}): Promise<Cutover> {
  const system = surroundings.system ?? realSystem
  const logger = surroundings.logger ?? makeLogger(settings.CUTOVER_LOG_LEVEL)
  const onDiskFailure = (error: unknown) => {
    logger.fatal({ err: error }, 'the disk failed')
    surroundings.onDiskFailure?.(error)
  }
  const opened = await openStore({
    dataDirectory: settings.CUTOVER_DATA_DIR,
    databaseUrl: settings.CUTOVER_DATABASE_URL,
    onDiskFailure,
  })
  try {
    return await assembleOn(opened, settings, { ...surroundings, system, logger })
  } catch (error) {
    await opened.close()
    throw error
  }
}

type Prepared = Surroundings & { readonly system: System; readonly logger: Logger }

async function assembleOn(opened: OpenedStore, settings: Settings, surroundings: Prepared): Promise<Cutover> {
  const { system, logger } = surroundings
  const tls = readTls(settings)
  const grownChains = new Set<string>()
  const printEntry = settings.CUTOVER_AUDIT_STDOUT ? (surroundings.printEntry ?? makeLinePrinter()) : null
  const store = new Store(opened.db, opened.ownerId, ({ chain, entry }) => {
    grownChains.add(chain)
    printEntry?.({ chain, ...entry })
  })
  const masterKeys = await unlock(opened, store, settings, surroundings)
  const sealer = boundSealers(createSealer(masterKeys))
  const auditKey = await openAuditKey(store, sealer, system)
  const checkpointing = { audit: store.read.audit, key: auditKey, system }
  const checkpointLog = new CheckpointLog(
    {
      takeCheckpoint: (chain) => takeCheckpoint(checkpointing, chain),
      print: (checkpoint) => logger.info({ checkpoint }, 'audit checkpoint'),
    },
    grownChains,
  )

  const lookups = new LookupPool({ running: 4, waiting: 10_000 })
  const uses = new TokenUses(store.read.accessTokens)
  const credentials = new CredentialCache(store.read.accessTokens, lookups, uses, system)
  const workspaces = new WorkspaceDirectory(store.read.workspaces)
  const caching = { maxKeysets: settings.CUTOVER_KEYSET_CACHE, appliedEpoch: () => feed.applied }
  const keysets = new KeysetCache(workspaceKeysets(store.read.keysets, sealer), lookups, caching)
  const ofIntegrators = await integratorKeysets(store.read.integratorKeysets, sealer, system)
  const integratorKeysetCache = new KeysetCache(ofIntegrators, lookups, caching)
  const caches = [credentials, workspaces, keysets, integratorKeysetCache]
  const feed: ChangeFeed = new ChangeFeed(store.read.epoch, caches)
  const onRegained = async () => {
    await store.read.epoch.claim()
    await feed.catchUp()
  }
  opened.listen({ onLost: () => feed.dropAll(), onRegained })
  await feed.catchUp()

  const counts = new VerificationCounts()
  const onError = (error: unknown) => logger.error({ err: error }, 'refusals could not be recorded')
  const refusals = new RefusalRecorder({ store, system, onError })
  const metrics = metricsRegistry({ counts, feed, keysets })
  const perMinute = settings.CUTOVER_RATE_LIMIT_PER_MINUTE
  const changes = {
    store,
    feed,
    lease: opened.ownership,
    system,
    sealer,
    oneAtATime: new OneAtATime(surroundings.idempotencyWaitMs ?? limits.idempotencyWaitMs),
  }
  const requestVerification = {
    credentials,
    workspaces,
    store,
    system,
    lease: opened.ownership,
    integratorKeysets: integratorKeysetCache,
    maxSignatures: settings.CUTOVER_MAX_ONE_TIME_SIGNATURES,
  }
  const maxLiveSecrets = settings.CUTOVER_MAX_ACTIVE_SECRETS
  let stopping = false

  const app = await buildApp(
    {
      secureModeSecrets: {
        ...changes,
        credentials,
        workspaces,
        secrets: store.read.identitySecrets,
        maxLiveSecrets,
      },
      accessTokens: { ...changes, credentials, workspaces, accessTokens: store.read.accessTokens, uses },
      workspaces: { ...changes, credentials, workspaceReader: store.read.workspaces },
      verification: { credentials, workspaces, keysets, counts, system, lease: opened.ownership },
      integrator: { ...changes, ...requestVerification, maxLiveSecrets },
      integrators: { ...changes, credentials, workspaces, integrators: store.read.integrators },
      requestVerification,
      auditLog: {
        ...checkpointing,
        credentials,
        workspaces,
        onBrokenExport: (error, requestId) => logger.error({ requestId, err: error }, 'an export broke off'),
      },
      health: { credentials, workspaces },
      probes: {
        pingStore: () => store.ping(),
        isStopping: () => stopping,
        isOwner: () => opened.ownership.isHeld(),
      },
      metrics: { exposition: () => metrics.metrics(), token: settings.CUTOVER_METRICS_TOKEN },
      refusals,
      recordRead: settings.CUTOVER_AUDIT_READS ? (read) => recordRead({ store, system }, read) : null,
      rateLimits: perMinute === 0 ? null : new RateLimits(perMinute, system),
    },
    {
      version,
      logger,
      tls,
      trustProxy: trustedProxies(settings),
    },
  )

  const timers = [
    every(feedPollMs, () => feed.catchUp()),
    every(usesFlushMs, () => uses.flush()),
    every(housekeepingMs, () => refusals.flush()),
    every(housekeepingMs, () => checkpointLog.flush()),
    every(housekeepingMs, () => store.read.keptAnswers.deleteExpired(system.nowMs())),
    every(housekeepingMs, () => forgetSignatures({ store, system })),
    every(housekeepingMs, () => store.read.epoch.forgetChangesBefore(feed.applied - keptChanges)),
  ]
  return {
    app,
    logger,
    opened,
    store,
    feed,
    refusals,
    checkpointLog,
    beginStopping() {
      stopping = true
    },
    async stop() {
      stopping = true
      for (const timer of timers) clearInterval(timer)
      // A connection that was busy when closing began is idle after its answer, and would stay open.
      const sweep = setInterval(() => app.server.closeIdleConnections(), 50)
      await app.close().finally(() => clearInterval(sweep))
      await refusals.flush()
      await uses.flush().catch(() => {})
      await checkpointLog.flush().catch(() => {})
      await opened.close()
    },
  }
}

/** The master keys, once they are proven to be those of this store; nothing is written to it before. */
async function unlock(opened: OpenedStore, store: Store, settings: Settings, surroundings: Prepared) {
  const { system, logger, onFirstToken } = surroundings
  const checks = opened.isEmpty ? [] : await store.read.masterKeyChecks.all()
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
  const unseen = await verifyKeyChecks(masterKeys, checks)
  await migrate(opened.db, opened.engine)
  await store.read.epoch.claim()
  if (isFirstStart) {
    const token = await firstStart({ store, system }, masterKeys, settings.CUTOVER_BOOTSTRAP_TOKEN)
    if (token !== null) onFirstToken?.(token)
    return masterKeys
  }
  await rememberKeys(store, system, unseen)
  return masterKeys
}

/** One that does not open is not made anew: the checkpoints that it signed must stay verifiable. */
async function openAuditKey(store: Store, sealer: AuditKeySealer, system: System) {
  try {
    return await loadAuditSigningKey({ keys: store.read.auditKeys, sealer, system })
  } catch (error) {
    if (!(error instanceof SealError)) throw error
    throw new StartupRefusal(
      'The signing key of the audit log does not open: the store holds another one than it was sealed as.',
      { cause: error },
    )
  }
}

async function rememberKeys(store: Store, system: System, unseen: readonly MasterKey[]) {
  const checks = await Promise.all(unseen.map(makeKeyCheck))
  await store.transaction(async (tx) => {
    for (const check of checks) await tx.masterKeyChecks.insert(check, system.nowMs())
  })
}

function readTls({ CUTOVER_TLS_CERT_FILE, CUTOVER_TLS_KEY_FILE }: Settings) {
  if (CUTOVER_TLS_CERT_FILE === undefined || CUTOVER_TLS_KEY_FILE === undefined) return null
  const tls = readPems(CUTOVER_TLS_CERT_FILE, CUTOVER_TLS_KEY_FILE)
  try {
    createSecureContext(tls)
    return tls
  } catch (error) {
    const reason = (error as Error).message
    throw new StartupRefusal(`The TLS files hold no certificate and its key in PEM: ${reason}.`)
  }
}

function readPems(certFile: string, keyFile: string) {
  try {
    return { cert: readFileSync(certFile, 'utf8'), key: readFileSync(keyFile, 'utf8') }
  } catch (error) {
    throw new StartupRefusal(`The TLS files cannot be read: ${(error as Error).message}.`)
  }
}

/** Failures pass: what could not be done now is tried at the next turn. */
function every(milliseconds: number, work: () => Promise<void>): NodeJS.Timeout {
  return setInterval(() => void work().catch(() => {}), milliseconds).unref()
}
