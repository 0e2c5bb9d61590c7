import { setTimeout as pause } from 'node:timers/promises'
import closeWithGrace from 'close-with-grace'
import { startDemo } from './demo/start-demo.ts'
import { assemble, type Cutover, type Settings, StartupRefusal, type Surroundings } from './main.ts'
import { diskFailureExitCode } from './supervise.ts'

/** How long requests in flight may take when the process is told to end. */
const graceMs = 10_000

const signals = ['SIGINT', 'SIGTERM'] as const

/** Serves until the process is told to end. Returns the address once it listens. */
export async function runServer(settings: Settings, surroundings: Surroundings): Promise<string> {
  const onDiskFailure = () => process.exit(diskFailureExitCode)
  const cutover = await assemble(settings, { ...surroundings, onDiskFailure })
  const endDemo = surroundings.isDemo ? await demoOn(cutover) : null
  const address = await listen(cutover, settings)
  const isWorker = surroundings.role === 'worker'
  const skip = isWorker ? [...signals] : []
  const delay = settings.CUTOVER_DRAIN_MS + graceMs
  const { close } = closeWithGrace({ delay, logger: false, skip }, async ({ err }) => {
    if (err) cutover.logger.fatal({ err }, 'the process ends')
    cutover.beginStopping()
    if (!err) await drain(cutover, settings.CUTOVER_DRAIN_MS)
    await endDemo?.()
    await cutover.stop()
  })
  if (isWorker) stopWhenTold(close)
  return address
}

/**
 * Until whoever asks `/readyz` has had the time to send nothing here any more. A connection that its client keeps is
 * given up with an answer: closed while it is idle, it could be closed just as the next request is on its way.
 */
async function drain({ app }: Cutover, drainMs: number): Promise<void> {
  app.server.prependListener('request', (_request, response) => response.setHeader('connection', 'close'))
  await pause(drainMs)
}

async function demoOn(cutover: Cutover): Promise<() => Promise<void>> {
  try {
    return await startDemo(cutover)
  } catch (error) {
    await cutover.stop()
    throw error
  }
}

/**
 * A terminal and a service manager signal every process of a group, and the supervisor then tells its workers as well:
 * the second time must not cut short what the first one began.
 */
function stopWhenTold(stop: () => void): void {
  process.on('SIGINT', () => {})
  let isStopping = false
  process.on('SIGTERM', () => {
    if (!isStopping) stop()
    isStopping = true
  })
}

async function listen(cutover: Cutover, { HOST, PORT }: Settings): Promise<string> {
  try {
    return await cutover.app.listen({ host: HOST, port: PORT })
  } catch (error) {
    await cutover.stop()
    const { code } = error as NodeJS.ErrnoException
    if (code === 'EADDRINUSE') throw new StartupRefusal(`Port ${PORT} on ${HOST} is in use: set PORT to another.`)
    throw new StartupRefusal(`Cannot listen on ${HOST}:${PORT}: ${(error as Error).message}.`)
  }
}
