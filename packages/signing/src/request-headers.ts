import { headerValues, type ReceivedHeaders } from './received-headers.ts'
import { isIntegratorKey } from './request-signature.ts'

/**
 * Headers of a received request, their names in any case: Node's `rawHeaders`, Node's `headers` or another record, or a
 * Fetch `Headers`. A list of one value in a record is that value.
 */
export type RequestHeaders = ReceivedHeaders

/** Undefined when it is missing, or there more than once: one reader would take the first and another one the last. */
export function onlyHeader(headers: RequestHeaders, name: string): string | undefined {
  if (typeof headers !== 'object' || headers === null) throw new TypeError('headers must be a list or an object')
  const [value, ...others] = headerValues(headers, name).flat()
  return typeof value === 'string' && others.length === 0 ? value : undefined
}

/**
 * The one `X-Integrator-Key` of a request, to choose a keyset by. It is not signed: only a verification against the
 * secrets of this very key says who sent the request.
 *
 * @returns undefined when it is missing, was sent twice, or is not visible ASCII without a comma.
 */
export function integratorKeyOf(headers: RequestHeaders): string | undefined {
  const key = onlyHeader(headers, 'X-Integrator-Key')
  return isIntegratorKey(key) ? key : undefined
}
