import { randomBytes } from 'node:crypto'
import { limits } from '@cutover/contract'
import type { FastifyInstance } from 'fastify'
import type { Logger } from 'pino'
import { CredentialCache } from './access-tokens/credential-cache.ts'
import { TokenUses } from './access-tokens/token-uses.ts'
import { CheckpointLog } from './audit/checkpoint-log.ts'
import { recordRead } from './audit/record-read.ts'
import { RefusalRecorder } from './audit/refusal-recorder.ts'
import { takeCheckpoint } from './audit/take-checkpoint.ts'
import { randomId } from './base62.ts'
import { ClusterNode } from './cluster/cluster-node.ts'
import { markedBarrier } from './cluster/marked-barrier.ts'
import type { AuditPlace } from './cluster/ports.ts'
import { type Settings, trustedProxies } from './config.ts'
import { keepHouse } from './housekeeping.ts'
import { buildApp } from './http/app.ts'
import { builtPageDirectory } from './http/dashboard/built-page.ts'
import { ShedRequests } from './http/overload/shed-requests.ts'
import { OneAtATime } from './idempotency/one-at-a-time.ts'
import type { IdentitySecretId } from './identity-secrets/identity-secret.ts'
import { startAwaitedGrace } from './identity-secrets/start-awaited-grace.ts'
import { integratorKeysets } from './integrators/integrator-keysets.ts'
import { RequestVerificationCounts } from './integrators/request-verification-counts.ts'
import { makeLinePrinter, makeLogger } from './log.ts'
import { LookupPool } from './lookup-pool.ts'
import { StoreCensus } from './metrics/store-census.ts'
import { VerificationDurations } from './metrics/verification-durations.ts'
import { metricsRegistry } from './metrics.ts'
import { type Installation, openInstallation } from './open-installation.ts'
import { RateLimits } from './rate-limits/rate-limits.ts'
import { missingKey } from './sealing/key-check.ts'
import { LiveSessions } from './sessions/live-sessions.ts'
import { KeysetCache } from './signing-secrets/keyset-cache.ts'
import { StartupRefusal } from './startup-refusal.ts'
import { FollowedMarks } from './storage/followed-marks.ts'
import { membersOf } from './storage/members.ts'
import type { OpenedStore } from './storage/open-store.ts'
import type { Store } from './storage/store.ts'
import type { Surroundings } from './surroundings.ts'
import type { System } from './system.ts'
import { readTlsFiles, type TlsFiles } from './tls-files.ts'
import { UsageFlusher } from './usage/flush-usage.ts'
import { UsagePruner } from './usage/prune-usage.ts'
import { UsageCounters } from './usage/usage-counters.ts'
import { VerificationCounts } from './verification/verification-counts.ts'
import { workspaceKeysets } from './verification/workspace-keysets.ts'
import { version } from './version.ts'
import { WorkspaceDirectory } from './workspaces/workspace-directory.ts'

export { readSettings, type Settings, SettingsSchema } from './config.ts'
export type { Surroundings } from './surroundings.ts'
export { StartupRefusal }

/** How long a start waits for its first lease, and a stop for the store to take this node off the list. */
const joinTimeoutMs = 10_000
const leaveTimeoutMs = 2000

export interface Cutover {
  readonly app: FastifyInstance
  readonly logger: Logger
  readonly opened: OpenedStore
  readonly store: Store
  readonly node: ClusterNode
  readonly system: System
  readonly refusals: RefusalRecorder
  readonly flusher: UsageFlusher
  readonly checkpointLog: CheckpointLog
  /** From now on `/readyz` sends traffic elsewhere. */
  beginStopping(): void
  /** Finishes what is in flight and lets the store go. */
  stop(): Promise<void>
}

/** Puts everything together; the caller listens. The only function that sees all parts. */
export async function assemble(settings: Settings, surroundings: Surroundings = {}): Promise<Cutover> {
  const tls = readTlsFiles(settings)
  const logger = surroundings.logger ?? makeLogger(settings.CUTOVER_LOG_LEVEL)
  const clock: { storeTimeMs(): number | null } = { storeTimeMs: () => null }
  // What ends at a time ends by the clock of the store, wherever it is asked.
  const system = surroundings.system ?? { nowMs: () => Math.ceil(clock.storeTimeMs() ?? Date.now()), randomBytes }
  const grownChains = new Set<string>()
  const printEntry = settings.CUTOVER_AUDIT_STDOUT ? (surroundings.printEntry ?? makeLinePrinter()) : null
  const { onFirstToken, onDiskFailure, role = 'alone', acceptsStoreRollback = false, isDemo = false } = surroundings
  const installation = await openInstallation(settings, {
    system,
    logger,
    role,
    acceptsStoreRollback,
    isDemo,
    onAppended: ({ chain, entry }) => {
      grownChains.add(chain)
      printEntry?.({ chain, ...entry })
    },
    ...(onFirstToken ? { onFirstToken } : {}),
    onDiskFailure: (error) => {
      logger.fatal({ err: error }, 'the disk failed')
      onDiskFailure?.(error)
    },
  })
  try {
    return await assembleOn(installation, { settings, surroundings, system, logger, tls, grownChains, clock })
  } catch (error) {
    await installation.close()
    throw error
  }
}

interface Prepared {
  readonly settings: Settings
  readonly surroundings: Surroundings
  readonly system: System
  readonly logger: Logger
  readonly tls: TlsFiles | null
  /** Chains that this process has written to. */
  readonly grownChains: Set<string>
  /** Follows the store as soon as there is a node. */
  readonly clock: { storeTimeMs(): number | null }
}

async function assembleOn(installation: Installation, prepared: Prepared): Promise<Cutover> {
  const { settings, surroundings, system, logger, tls, grownChains } = prepared
  const { opened, store, sealer, marks } = installation
  const checkpointing = { audit: store.read.audit, key: installation.auditKey, system }
  const checkpointLog = new CheckpointLog(
    {
      takeCheckpoint: (chain) => takeCheckpoint(checkpointing, chain),
      print: (checkpoint) => logger.info({ checkpoint }, 'audit checkpoint'),
    },
    grownChains,
  )

  const lookups = new LookupPool({ running: 4, waiting: 10_000 })
  const uses = new TokenUses(store.read.accessTokens)
  const sessions = new LiveSessions(store.read.sessions, store)
  const lease = { isHeld: () => node.isHeld() }
  const credentials = new CredentialCache(store.read.accessTokens, lookups, uses, system, lease, sessions)
  const workspaces = new WorkspaceDirectory(store.read.workspaces)
  const caching = { maxKeysets: settings.CUTOVER_KEYSET_CACHE, appliedEpoch: () => node.applied }
  const keysets = new KeysetCache(workspaceKeysets(store.read.keysets, sealer, { lease, system }), lookups, caching)
  const ofIntegrators = await integratorKeysets(store.read.integratorKeysets, sealer, system)
  const integratorKeysetCache = new KeysetCache(ofIntegrators, lookups, caching)
  const members = membersOf(opened)
  const onMarkFailure = (err: unknown) => logger.error({ err }, 'what other nodes change is not remembered')
  // Processes on one SQLite store are on one machine, and append to one file.
  const followedMarks = marks && opened.engine === 'postgres' ? new FollowedMarks(marks, onMarkFailure) : null
  const node: ClusterNode = new ClusterNode({
    ...members,
    caches: [credentials, workspaces, keysets, integratorKeysetCache],
    clocks: { monotonicMs: () => performance.now(), wallMs: Date.now },
    facts: { version, keyIds: installation.keyIds, leaseMs: settings.CUTOVER_LEASE_MS },
    newNodeId: () => randomId('node', system),
    onLease: (isHeld, err) =>
      isHeld
        ? logger.info('the lease is held: verifying')
        : logger.warn({ err }, 'there is no lease: nothing is verified until the store answers'),
    onChange: (mark) => followedMarks?.note(mark),
    onStoreWentBack: (why) => logger.fatal(why, 'this is not the store that was known: nothing is answered any more'),
    onKeysMissing: (keyIds) =>
      logger.fatal({ keyIds }, 'others seal with these master keys: nothing is answered any more'),
  })
  if (opened.engine === 'postgres') prepared.clock.storeTimeMs = () => node.storeTimeMs()
  const usageCounters = new UsageCounters()
  const flusher: UsageFlusher = new UsageFlusher({
    counters: usageCounters,
    store,
    system,
    processId: randomId('proc', system),
    nodeId: () => node.nodeId,
    hasCompany: !opened.isAlone,
    onFlushed: (usedIds) => void startAwaitedGraceOf(usedIds).catch(() => {}),
  })
  const flushUsage = () => flusher.flush().catch((error) => logger.warn({ err: error }, 'usage could not be written'))
  opened.watch(
    () => node.poke(),
    () => void flushUsage(),
  )
  await node.join(joinTimeoutMs)
  if (node.missingKeyIds.length > 0) throw new StartupRefusal(node.missingKeyIds.map(missingKey).join('; '))
  // Before the first verification: should this process be killed, it is known that it may have seen something.
  await flushUsage()

  const counts = new VerificationCounts()
  const requestCounts = new RequestVerificationCounts()
  const durations = new VerificationDurations()
  const shedRequests = new ShedRequests(logger)
  const onError = (error: unknown) => logger.error({ err: error }, 'refusals could not be recorded')
  const refusals = new RefusalRecorder({ store, system, onError })
  const census = new StoreCensus({ store, nodes: members.nodes, system })
  const metrics = metricsRegistry({
    ...{ version, counts, requestCounts, durations, shedRequests, node, flusher, census, system },
    keysetCaches: { workspace: keysets, integrator: integratorKeysetCache },
  })
  const perMinute = settings.CUTOVER_RATE_LIMIT_PER_MINUTE
  const changes = {
    store,
    barrier: marks ? markedBarrier(node, marks, () => newestPlace(store)) : node,
    marks,
    lease: node,
    system,
    sealer,
    oneAtATime: new OneAtATime(surroundings.idempotencyWaitMs ?? limits.idempotencyWaitMs),
  }
  const requestVerification = {
    credentials,
    workspaces,
    store,
    system,
    lease: node,
    integratorKeysets: integratorKeysetCache,
    maxSignatures: settings.CUTOVER_MAX_ONE_TIME_SIGNATURES,
    usage: usageCounters,
    counts: requestCounts,
    durations,
  }
  const outcomes: typeof store.read.outcomes = {
    countsSince: (...asked) => flushUsage().then(() => store.read.outcomes.countsSince(...asked)),
    hourly: (...asked) => flushUsage().then(() => store.read.outcomes.hourly(...asked)),
  }
  const { isDemo = false } = surroundings
  const maxLiveSecrets = settings.CUTOVER_MAX_ACTIVE_SECRETS
  const startAwaitedGraceOf = (usedIds: readonly string[]) =>
    startAwaitedGrace({ ...changes, secrets: store.read.identitySecrets }, usedIds as IdentitySecretId[]) // sound: ids of secrets
  const quiet = { usage: store.read.usage, nodes: members.nodes, flusher, system }
  const usagePruner = new UsagePruner({ ...quiet, store })
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
      identitySecrets: {
        ...changes,
        credentials,
        workspaces,
        secrets: store.read.identitySecrets,
        settings: store.read.settings,
        maxLiveSecrets,
      },
      deleteIdentitySecret: { ...changes, credentials, workspaces, quiet, secrets: store.read.identitySecrets },
      settings: { ...changes, credentials, workspaces, settings: store.read.settings, outcomes },
      accessTokens: {
        ...{ ...changes, credentials, workspaces, uses },
        accessTokens: store.read.accessTokens,
        settings: store.read.settings,
      },
      sessions: { ...changes, credentials, workspaces, isDemo, sessions: store.read.sessions },
      workspaces: { ...changes, credentials, workspaceReader: store.read.workspaces },
      usage: {
        ...{ ...quiet, credentials, workspaces },
        secrets: store.read.identitySecrets,
        integrators: store.read.integrators,
      },
      liveViews: {
        ...{ ...quiet, credentials, workspaces, liveViewTimes: surroundings.liveViewTimes },
        secrets: store.read.identitySecrets,
      },
      outcomes: { credentials, workspaces, outcomes, system },
      verification: { credentials, workspaces, keysets, counts, durations, usage: usageCounters, system, lease: node },
      diagnosis: {
        ...{ credentials, workspaces, store, lookups, system, lease: node },
        candidates: store.read.candidates,
        opener: sealer,
        diagnoses: new LookupPool({ running: 2, waiting: 100 }),
      },
      integrator: { ...changes, ...requestVerification, maxLiveSecrets },
      integrators: {
        ...{ ...changes, credentials, workspaces, quiet },
        integrators: store.read.integrators,
        settings: store.read.settings,
      },
      requestVerification,
      auditLog: {
        ...checkpointing,
        credentials,
        workspaces,
        onBrokenExport: (error, requestId) => logger.error({ requestId, err: error }, 'an export broke off'),
      },
      nodes: { credentials, ...members },
      health: { credentials, workspaces, isDemo },
      probes: {
        pingStore: () => store.ping(),
        isStopping: () => stopping,
        holdsLease: () => node.isHeld(),
      },
      metrics: { exposition: () => metrics.metrics(), token: settings.CUTOVER_METRICS_TOKEN },
      refusals,
      recordRead: settings.CUTOVER_AUDIT_READS ? (read) => recordRead({ store, system }, read) : null,
      rateLimits: perMinute === 0 ? null : new RateLimits(perMinute, system),
      shedRequests,
    },
    {
      version,
      logger,
      tls,
      trustProxy: trustedProxies(settings),
      dashboardDirectory: surroundings.dashboardDirectory ?? builtPageDirectory(),
    },
  )

  const leaveHouse = keepHouse({
    ...{ store, system, node, uses, sessions, usagePruner, refusals, checkpointLog, flushUsage },
    firstKeyId: installation.keyIds[0] ?? '',
  })
  return {
    app,
    logger,
    opened,
    store,
    node,
    system,
    refusals,
    flusher,
    checkpointLog,
    beginStopping() {
      stopping = true
    },
    async stop() {
      stopping = true
      leaveHouse()
      // A connection that was busy when closing began is idle after its answer, and would stay open.
      const sweep = setInterval(() => app.server.closeIdleConnections(), 50)
      await app.close().finally(() => clearInterval(sweep))
      await refusals.flush()
      await uses.flush().catch(() => {})
      await sessions.flush().catch(() => {})
      await checkpointLog.flush().catch(() => {})
      await flusher.finish().catch((error) => logger.error({ err: error }, 'the last uses could not be written'))
      await node.leave(leaveTimeoutMs)
      await followedMarks?.settled()
      await installation.close()
    },
  }
}

async function newestPlace(store: Store): Promise<AuditPlace> {
  const chain = 'instance'
  const { size, hash } = await store.read.audit.head(chain)
  return { chain, sequence: size, hash }
}
