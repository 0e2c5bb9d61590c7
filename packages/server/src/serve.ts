import './require-node.ts'
import cluster from 'node:cluster'
import { parseArgs } from 'node:util'
import { readSettings, StartupRefusal } from './main.ts'
import { runServer } from './run-server.ts'
import { MasterKeyError } from './sealing/master-keys.ts'
import { supervise } from './supervise.ts'

const usage = 'Usage: npm start -- [--workers N | --demo] [--accept-store-rollback]'
const mostWorkers = 64

// Whatever this process makes is for its owner alone: the store, its journal, the master keys.
process.umask(0o077)

try {
  const { workers, acceptsStoreRollback, isDemo } = readCommandLine()
  const settings = readSettings(process.env)
  if (cluster.isWorker) {
    await runServer(settings, { role: 'worker' })
  } else {
    const once = { acceptsStoreRollback, onFirstToken: showOnce }
    const address =
      workers > 1 ? await supervise(settings, { ...once, workers }) : await runServer(settings, { ...once, isDemo })
    if (isDemo) process.stdout.write('This is a demo: its clients are simulated, and begin a rotation now.\n\n')
    process.stdout.write(`Cutover is listening at ${address}  (dashboard: ${address}/, API: ${address}/docs)\n`)
  }
} catch (error) {
  process.stderr.write(`${refusalLine(error)}\n`)
  process.exitCode = 1
}

function readCommandLine() {
  const { workers = '1', demo: isDemo = false, 'accept-store-rollback': acceptsStoreRollback = false } = readArguments()
  if (!/^[1-9][0-9]?$/.test(workers) || Number(workers) > mostWorkers) throw new StartupRefusal(usage)
  if (isDemo && workers !== '1') throw new StartupRefusal('The demo is one process: leave out --workers.')
  return { workers: Number(workers), acceptsStoreRollback, isDemo }
}

function readArguments() {
  try {
    return parseArgs({
      options: { workers: { type: 'string' }, demo: { type: 'boolean' }, 'accept-store-rollback': { type: 'boolean' } },
    }).values
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

/** One line for what the operator can mend; anything else is a mistake of ours and shows where it happened. */
function refusalLine(error: unknown): string {
  if (error instanceof StartupRefusal || error instanceof MasterKeyError) return error.message
  return `Cutover cannot start: ${error instanceof Error ? error.stack : String(error)}`
}
