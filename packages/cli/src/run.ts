import { CommanderError } from 'commander'
import { type ExitCode, exitCodes } from './exit-codes.ts'
import { Failure } from './failure.ts'
import { failureOf } from './failure-of.ts'
import { buildProgram } from './program.ts'
import type { Terminal } from './terminal.ts'
import { reportFailure } from './ui/report.ts'

/** Runs one command line. @returns the exit code; whatever goes wrong is told on stderr in words. */
export async function run(parameters: readonly string[], terminal: Terminal): Promise<ExitCode> {
  const isJson = parameters.includes('--json')
  try {
    await buildProgram(terminal).parseAsync(parameters, { from: 'user' })
    return exitCodes.done
  } catch (error) {
    // Commander has said it already.
    if (error instanceof CommanderError) return error.exitCode === 0 ? exitCodes.done : exitCodes.usage
    const failure = error instanceof Failure ? error : failureOf(error)
    reportFailure(terminal, isJson, failure)
    return failure.exitCode
  }
}
