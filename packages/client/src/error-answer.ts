import type { Attempts } from './call.ts'
import { ApiError, type ApiErrorCode, type ApiErrorFacts, type FieldFault } from './errors.ts'

type Json = Readonly<Record<string, unknown>>

/** What a body tells of the error. */
type Told = Pick<ApiErrorFacts, 'dialect' | 'code' | 'message' | 'errors' | 'serverTime' | 'skewMs'> & {
  /** Where it is not left to the header. */
  readonly requestId?: string
}

/** Of an answer; a `Response` has one. */
interface Head {
  readonly status: number
  readonly headers: Headers
}

/** The error that an answer with a status of 300 or more stands for, in whichever dialect it speaks. */
export function errorOf(head: Head, text: string, made: Attempts): ApiError {
  const requestId = head.headers.get('x-request-id') ?? undefined
  const body = objectOf(text)
  const told = problem(body) ?? errorList(body) ?? notReady(head, body) ?? foreign(head)
  const retryAfterSeconds = secondsToWait(head)
  return new ApiError({ requestId, ...told, ...made, status: head.status, retryAfterSeconds })
}

/** An answer with a good status that is none of the API: somebody else answers there. */
export function otherAnswer({ status, headers, attempts, mayBeDone }: Head & Attempts): ApiError {
  const message = `The answer with status ${status} is none of the API: is this its address?`
  const requestId = headers.get('x-request-id') ?? undefined
  return new ApiError({
    status,
    dialect: 'unknown',
    code: 'unexpected_answer',
    message,
    requestId,
    attempts,
    mayBeDone,
  })
}

/** RFC 9457, of the native dialect. Other APIs have a `code` as well: the type says whose it is. */
function problem(body: Json): Told | null {
  const { type, code, detail, title, errors, serverTime, skewMs } = body
  if (typeof code !== 'string' || type !== `urn:cutover:problem:${code}`) return null
  return {
    dialect: 'native',
    code: code as ApiErrorCode, // sound: the contract has no other codes; of a later server it is shown as it came
    message: firstText(detail, title, code),
    errors: Array.isArray(errors) ? faultsOf(errors) : [],
    serverTime: typeof serverTime === 'string' ? serverTime : undefined,
    skewMs: typeof skewMs === 'number' ? skewMs : undefined,
  }
}

/** Intercom's form, in which a message and a request id may be missing. */
function errorList({ type, errors, request_id: requestId }: Json): Told | null {
  const [first, ...others] = type === 'error.list' && Array.isArray(errors) ? errors.filter(isObject) : []
  if (first === undefined || typeof first['code'] !== 'string') return null
  return {
    dialect: 'intercom',
    code: first['code'] as ApiErrorCode, // sound: as above; Intercom itself has further ones, shown as they came
    message: [first, ...others].map(({ message, code }) => firstText(message, code)).join('; '),
    errors: faultsOf([first, ...others]),
    ...(typeof requestId === 'string' ? { requestId } : {}),
  }
}

/** A probe has a form of its own. */
function notReady({ status }: Head, { status: word, store }: Json): Told | null {
  if (status !== 503 || word !== 'unavailable') return null
  const message = store === 'unavailable' ? 'Not ready: the store does not answer' : 'Not ready for traffic'
  return { dialect: 'native', code: 'service_unavailable', message }
}

function foreign({ status, headers }: Head): Told {
  const elsewhere = originOf(headers.get('location'))
  // A browser hides the status and the target of a redirect.
  const message =
    status === 0 || (status >= 300 && status < 400)
      ? `The server points elsewhere${elsewhere}, where the credential must not go: is the address right?`
      : `The server answered ${status} with something that is no answer of the API`
  return { dialect: 'unknown', code: 'unexpected_answer', message }
}

function originOf(location: string | null): string {
  return location !== null && URL.canParse(location) ? ` (${new URL(location).origin})` : ''
}

/**
 * Whole seconds. Where `Retry-After` is missing, as in Intercom's answers, the end of the window of the rate limit by
 * the server's own clock.
 */
function secondsToWait({ status, headers }: Head): number | undefined {
  const asked = headers.get('retry-after')
  if (asked !== null && /^[0-9]{1,9}$/.test(asked)) return Number(asked)
  const serverMs = Date.parse(headers.get('date') ?? '')
  const untilMs = asked === null && status === 429 ? windowEndMs(headers) : Date.parse(asked ?? '')
  const seconds = Math.ceil((untilMs - serverMs) / 1000)
  return Number.isNaN(seconds) ? undefined : Math.max(0, seconds)
}

function windowEndMs(headers: Headers): number {
  const reset = headers.get('x-ratelimit-reset') ?? ''
  return /^[0-9]{1,12}$/.test(reset) ? Number(reset) * 1000 : Number.NaN
}

function faultsOf(entries: readonly unknown[]): readonly FieldFault[] {
  return entries
    .filter(isObject)
    .flatMap(({ field, message, code }) =>
      typeof field === 'string' ? [{ field, message: firstText(message, code) }] : [],
    )
}

function firstText(...candidates: readonly unknown[]): string {
  return candidates.find((each) => typeof each === 'string' && each !== '')?.toString() ?? 'no words'
}

function objectOf(text: string): Json {
  try {
    const body: unknown = JSON.parse(text)
    return isObject(body) ? body : {}
  } catch {
    return {}
  }
}

function isObject(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
