import cluster from 'node:cluster'
import { parseArgs } from 'node:util'
import { readSettings } from './config.ts'
import { runServer } from './run-server.ts'
import { StartupRefusal } from './startup-refusal.ts'
import { supervise } from './supervise.ts'

const usage = 'Usage: npm start -- [--workers N | --demo] [--accept-store-rollback]'
const mostWorkers = 64

/**
 * Serves until the process is told to end, in this process or in several that this one starts: a worker is the same
 * program with the same command line, and finds its way here again. Resolves once it listens, and has said so on stdout.
 *
 * @throws StartupRefusal or MasterKeyError: one line that says what to do
 */
export async function serve(parameters: readonly string[]): Promise<void> {
  // Whatever this process makes is for its owner alone: the store, its journal, the master keys.
  process.umask(0o077)
  const { workers, acceptsStoreRollback, isDemo } = readParameters(parameters)
  const settings = readSettings(process.env)
  if (cluster.isWorker) {
    await runServer(settings, { role: 'worker' })
    return
  }
  const once = { acceptsStoreRollback, onFirstToken: showOnce }
  const address =
    workers > 1 ? await supervise(settings, { ...once, workers }) : await runServer(settings, { ...once, isDemo })
  if (isDemo) process.stdout.write('This is a demo: its clients are simulated, and begin a rotation now.\n\n')
  process.stdout.write(`Cutover is listening at ${address}  (dashboard: ${address}/, API: ${address}/docs)\n`)
}

function readParameters(parameters: readonly string[]) {
  const given = parsed(parameters)
  const { workers = '1', demo: isDemo = false, 'accept-store-rollback': acceptsStoreRollback = false } = given
  if (!/^[1-9][0-9]?$/.test(workers) || Number(workers) > mostWorkers) throw new StartupRefusal(usage)
  if (isDemo && workers !== '1') throw new StartupRefusal('The demo is one process: leave out --workers.')
  return { workers: Number(workers), acceptsStoreRollback, isDemo }
}

function parsed(parameters: readonly string[]) {
  const flag = { type: 'boolean' } as const
  const options = { workers: { type: 'string' }, demo: flag, 'accept-store-rollback': flag } as const
  try {
    return parseArgs({ args: [...parameters], options }).values
  } catch {
    throw new StartupRefusal(usage)
  }
}

/** For the person who started it: on stdout, while the log goes to stderr. */
function showOnce(token: string): void {
  process.stdout.write(
    `First start: this access token may do everything. It is shown this once; keep it safe.\n\n  ${token}\n\n`,
  )
}
