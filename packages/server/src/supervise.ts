import cluster, { type Worker } from 'node:cluster'
import { randomBytes } from 'node:crypto'
import { setTimeout as pause } from 'node:timers/promises'
import closeWithGrace from 'close-with-grace'
import type { Settings } from './config.ts'
import { makeLinePrinter, makeLogger } from './log.ts'
import { type Installation, openInstallation } from './open-installation.ts'
import { StartupRefusal } from './startup-refusal.ts'

/** With this a worker says that no other one is to take its place. */
export const diskFailureExitCode = 70

/** Longer than a worker takes for what is in flight. */
const graceMs = 12_000
const checkpointMs = 1000
const restartPauseMs = 1000

export interface Supervised {
  readonly workers: number
  readonly acceptsStoreRollback: boolean
  onFirstToken(token: string): void
}

/**
 * Holds the installation while several processes serve it, each a node of its own on one port, and puts a new one in
 * the place of one that died. Returns the address once all of them listen.
 */
export async function supervise(settings: Settings, supervised: Supervised): Promise<string> {
  const logger = makeLogger(settings.CUTOVER_LOG_LEVEL)
  const printEntry = settings.CUTOVER_AUDIT_STDOUT ? makeLinePrinter() : null
  const installation = await openInstallation(settings, {
    system: { nowMs: Date.now, randomBytes },
    logger,
    role: 'supervisor',
    acceptsStoreRollback: supervised.acceptsStoreRollback,
    isDemo: false,
    onAppended: ({ chain, entry }) => printEntry?.({ chain, ...entry }),
    onFirstToken: (token) => supervised.onFirstToken(token),
    onDiskFailure: () => process.exit(diskFailureExitCode),
  })
  // However this process ends: one that is stopped, too, must not be in the way of the next start.
  process.once('exit', () => {
    for (const worker of running()) worker.process.kill('SIGKILL')
  })
  try {
    const addresses = await Promise.all(Array.from({ length: supervised.workers }, startWorker))
    keepWorkers(installation, logger, settings.CUTOVER_DRAIN_MS + graceMs)
    return addressOf(addresses[0], settings)
  } catch (error) {
    await stopWorkers()
    await installation.close()
    throw error
  }
}

interface Listening {
  readonly worker: Worker
  readonly address: string | null
  readonly port: number
}

/** Resolves when a new worker listens. */
function startWorker(): Promise<Listening> {
  const { promise, resolve, reject } = Promise.withResolvers<Listening>()
  const worker = cluster.fork()
  worker.once('listening', ({ address, port }) => resolve({ worker, address, port }))
  // It has said why on stderr.
  worker.once('exit', () => reject(new StartupRefusal('A worker could not start.')))
  return promise
}

function keepWorkers(
  { opened, close }: Installation,
  logger: { error(facts: object, text: string): void },
  stopTimeoutMs: number,
): void {
  let isStopping = false
  const checkpoints = setInterval(() => opened.checkpoint(), checkpointMs)
  const replace = async () => {
    await pause(restartPauseMs)
    if (!isStopping) await startWorker().catch(() => {})
  }
  const { close: stop } = closeWithGrace({ delay: stopTimeoutMs, logger: false }, async () => {
    isStopping = true
    clearInterval(checkpoints)
    await stopWorkers()
    await close()
  })
  cluster.on('exit', (worker, code, signal) => {
    if (isStopping) return
    logger.error({ pid: worker.process.pid, code, signal }, 'a worker has died')
    if (code !== diskFailureExitCode) return void replace()
    process.exitCode = diskFailureExitCode
    stop()
  })
}

function running(): readonly Worker[] {
  return Object.values(cluster.workers ?? {}).filter((worker) => worker !== undefined)
}

async function stopWorkers(): Promise<void> {
  const workers = running()
  const ended = workers.map((worker) => new Promise((resolve) => worker.once('exit', resolve)))
  for (const worker of workers) worker.process.kill('SIGTERM')
  await Promise.all(ended)
}

function addressOf(listening: Listening | undefined, { HOST, CUTOVER_TLS_CERT_FILE }: Settings): string {
  const host = listening?.address ?? HOST
  const scheme = CUTOVER_TLS_CERT_FILE === undefined ? 'http' : 'https'
  return `${scheme}://${host.includes(':') ? `[${host}]` : host}:${listening?.port ?? 0}`
}
