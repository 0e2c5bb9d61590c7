import { type ExitCode, exitCodes } from './exit-codes.ts'

export interface FailureDetails {
  /** What the user can do now, in one line. */
  readonly hint?: string | undefined
  /** The code of the API's error, where it is one. */
  readonly code?: string | undefined
  readonly requestId?: string | undefined
  readonly cause?: unknown
}

/** Why a command ends without having done its work: words for the user, and the exit code. No secret is in either. */
export class Failure extends Error {
  override readonly name = 'Failure'
  readonly exitCode: ExitCode
  readonly hint: string | undefined
  readonly code: string | undefined
  readonly requestId: string | undefined

  constructor(exitCode: ExitCode, message: string, { hint, code, requestId, cause }: FailureDetails = {}) {
    super(message, { cause })
    this.exitCode = exitCode
    this.hint = hint
    this.code = code
    this.requestId = requestId
  }
}

export const failed = (message: string, details?: FailureDetails) => new Failure(exitCodes.failed, message, details)
export const misused = (message: string, details?: FailureDetails) => new Failure(exitCodes.usage, message, details)
export const refused = (message: string, details?: FailureDetails) => new Failure(exitCodes.refused, message, details)
