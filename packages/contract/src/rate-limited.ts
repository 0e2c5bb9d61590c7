import type { TSchema } from 'typebox'
import { responseHeaders } from './headers.ts'

interface DescribedAnswer {
  readonly headers?: Readonly<Record<string, TSchema>>
}

interface DescribedOperation {
  readonly operationId: string
  /** Empty where no token is asked for. */
  readonly security: readonly object[]
  readonly response: Readonly<Record<number, DescribedAnswer>>
}

/** A login must not fail because others log in: what verifies is not limited. */
const unlimited: ReadonlySet<string> = new Set(['verify', 'verifyBatch', 'verifyRequest'])

/** Tells, on each answer to a good token, how many requests it has left; a new operation cannot forget to. */
export function rateLimited<Operations extends Readonly<Record<string, DescribedOperation>>>(
  operations: Operations,
): Operations {
  const limited = Object.entries(operations).map(([name, operation]) => [name, withHeaders(operation)])
  return Object.fromEntries(limited) as Operations // sound: it differs in headers alone, whose names no type tells
}

function withHeaders(operation: DescribedOperation): DescribedOperation {
  if (operation.security.length === 0 || unlimited.has(operation.operationId)) return operation
  const response = Object.entries(operation.response).map(([status, answer]) =>
    status === '401'
      ? [status, answer]
      : [status, { ...answer, headers: { ...answer.headers, ...responseHeaders.rateLimit } }],
  )
  return { ...operation, response: Object.fromEntries(response) }
}
