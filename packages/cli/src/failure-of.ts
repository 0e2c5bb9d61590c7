import { ApiError, NetworkError, TimeoutError } from '@cutover/client'
import { exitCodes } from './exit-codes.ts'
import { Failure } from './failure.ts'

/** Guards of the server that say "not now": nothing is broken, and nothing was done. */
const guards: ReadonlySet<string> = new Set(['secret_in_use', 'usage_unknown'])

const hints: Readonly<Record<string, string>> = {
  unauthorized: 'the token is malformed, unknown, expired or revoked: set CUTOVER_TOKEN, or run cutover login',
  workspace_required: 'say which workspace: --workspace ws_…, or CUTOVER_WORKSPACE',
  secret_in_use: 'see who still signs with it: cutover secrets show ID',
  rate_limit_exceeded: 'wait a few seconds',
}

/** What went wrong, in words, with the exit code that says what kind of thing it was. */
export function failureOf(error: unknown): Failure {
  if (error instanceof ApiError) return apiFailure(error)
  if (error instanceof NetworkError || error instanceof TimeoutError) {
    return new Failure(exitCodes.unreachable, error.message, {
      hint: 'is it running, and is the URL right? --url, CUTOVER_URL',
      cause: error,
    })
  }
  return new Failure(exitCodes.failed, error instanceof Error ? error.message : String(error), { cause: error })
}

function apiFailure(error: ApiError): Failure {
  const { code, requestId, message, status } = error
  const exitCode = status === 503 ? exitCodes.unreachable : guards.has(code) ? exitCodes.refused : exitCodes.failed
  return new Failure(exitCode, message, { code, requestId, hint: hints[code], cause: error })
}
