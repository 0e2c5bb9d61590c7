import type * as Local from '@cutover/server/local'
import { exitCodes } from '../../exit-codes.ts'
import { Failure, failed, misused, refused } from '../../failure.ts'
import type { Terminal } from '../../terminal.ts'

/** The settings of the server, from the same environment. */
type Settings = ReturnType<typeof Local.readSettings>

/**
 * Runs what works on the store itself, without the API. The server's code is loaded only here: every other command
 * starts without it.
 */
export async function onThisMachine<Result>(
  terminal: Terminal,
  work: (local: typeof Local, settings: Settings) => Promise<Result>,
): Promise<Result> {
  const local = await import('@cutover/server/local')
  // Whatever this makes is for its owner alone.
  process.umask(0o077)
  try {
    return await work(local, local.readSettings({ ...terminal.env }))
  } catch (error) {
    throw failureOf(local, error)
  }
}

function failureOf(local: typeof Local, error: unknown): unknown {
  if (error instanceof local.Misuse) return misused(error.message, { hint: error.hint, cause: error })
  if (error instanceof local.GuardRefusal) return refused(error.message, { hint: error.hint, cause: error })
  if (error instanceof local.StartupRefusal || error instanceof local.MasterKeyError) {
    return failed(error.message, { cause: error })
  }
  if (!(error instanceof local.DomainError)) return error
  const { cause } = error
  const reason = cause instanceof Error ? `: ${cause.message.replaceAll(/\s+/g, ' ')}` : ''
  return new Failure(exitCodes.unreachable, `The store cannot be used just now${reason}`, { cause: error })
}
