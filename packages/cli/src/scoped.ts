import { ApiError } from '@cutover/client'
import type { Scope } from '@cutover/contract'
import { exitCodes } from './exit-codes.ts'
import { Failure } from './failure.ts'

/** The action of a command that says which scope it takes when the token turns out not to have it. */
export function scoped<Parameters extends readonly unknown[]>(
  scopes: Scope | readonly Scope[],
  action: (...parameters: Parameters) => Promise<void>,
): (...parameters: Parameters) => Promise<void> {
  return async (...parameters) => {
    try {
      await action(...parameters)
    } catch (error) {
      throw error instanceof ApiError && error.code === 'token_unauthorized' ? lacking([scopes].flat(), error) : error
    }
  }
}

function lacking(scopes: readonly Scope[], cause: ApiError): Failure {
  const { code, requestId, message } = cause
  const hint = `this takes a token with ${scopes.join(' and ')}; cutover whoami shows what yours has`
  return new Failure(exitCodes.failed, message, { code, requestId, hint, cause })
}
