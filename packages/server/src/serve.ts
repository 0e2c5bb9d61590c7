import './require-node.ts'
import closeWithGrace from 'close-with-grace'
import { assemble, type Cutover, readSettings, StartupRefusal } from './main.ts'
import { MasterKeyError } from './sealing/master-keys.ts'

/** How long requests in flight may take when the process is told to end. */
const graceMs = 10_000

// Whatever this process makes is for its owner alone: the store, its journal, the master keys.
process.umask(0o077)

try {
  const settings = readSettings(process.env)
  const cutover = await assemble(settings, { onFirstToken: showOnce, onDiskFailure: () => process.exit(1) })
  const address = await listen(cutover, settings)
  process.stdout.write(`Cutover is listening at ${address}  (API: ${address}/docs)\n`)
  closeWithGrace({ delay: graceMs, logger: false }, async ({ err }) => {
    if (err) cutover.logger.fatal({ err }, 'the process ends')
    cutover.beginStopping()
    await cutover.stop()
  })
} catch (error) {
  process.stderr.write(`${refusalLine(error)}\n`)
  process.exitCode = 1
}

async function listen(cutover: Cutover, { HOST, PORT }: { HOST: string; PORT: number }): Promise<string> {
  try {
    return await cutover.app.listen({ host: HOST, port: PORT })
  } catch (error) {
    await cutover.stop()
    const { code } = error as NodeJS.ErrnoException
    if (code === 'EADDRINUSE') throw new StartupRefusal(`Port ${PORT} on ${HOST} is in use: set PORT to another.`)
    throw new StartupRefusal(`Cannot listen on ${HOST}:${PORT}: ${(error as Error).message}.`)
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
