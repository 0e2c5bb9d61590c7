import { ApiError, type ApiErrorCode, type FieldFault } from './errors.ts'

/** The error that an answer with a status of 300 or more stands for, in whichever dialect it speaks. */
export async function errorOf(response: Response, attempts: number): Promise<ApiError> {
  const body = await readJson(response)
  const facts = {
    status: response.status,
    attempts,
    requestId: response.headers.get('x-request-id') ?? undefined,
    retryAfterSeconds: retryAfterSeconds(response.headers),
  }
  if (isObject(body) && typeof body['code'] === 'string') return new ApiError({ ...facts, ...problem(body) })
  const entries = isObject(body) && body['type'] === 'error.list' ? body['errors'] : undefined
  if (isObject(body) && Array.isArray(entries)) return new ApiError({ ...facts, ...errorList(body, entries) })
  const message = `The server answered ${response.status} with something that is no answer of the API`
  return new ApiError({ ...facts, dialect: 'unknown', code: 'unexpected_answer', message })
}

/** Whole seconds; the form with a date (RFC 9110 §10.2.3) is one that the API never sends. */
export function retryAfterSeconds(headers: Headers): number | undefined {
  const value = headers.get('retry-after')
  return value !== null && /^[0-9]{1,6}$/.test(value) ? Number(value) : undefined
}

function problem(body: Readonly<Record<string, unknown>>) {
  const { code, detail, title, errors, serverTime, skewMs } = body
  return {
    dialect: 'native',
    code: code as ApiErrorCode, // sound: the contract has no other codes; an unknown one is shown as it came
    message: String(detail ?? title ?? code),
    errors: Array.isArray(errors) ? (errors as FieldFault[]) : [], // sound: the contract's shape of `errors`
    serverTime: typeof serverTime === 'string' ? serverTime : undefined,
    skewMs: typeof skewMs === 'number' ? skewMs : undefined,
  } as const
}

function errorList(body: Readonly<Record<string, unknown>>, entries: readonly unknown[]) {
  const faults = entries.filter(isObject)
  const requestId = body['request_id']
  return {
    dialect: 'intercom',
    code: String(faults[0]?.['code']) as ApiErrorCode, // sound: as above
    message: faults.map(({ message }) => String(message)).join('; '),
    errors: faults
      .filter(({ field }) => typeof field === 'string')
      .map(({ field, message }) => ({ field: String(field), message: String(message) })),
    ...(typeof requestId === 'string' ? { requestId } : {}),
  } as const
}

async function readJson(response: Response): Promise<unknown> {
  try {
    return await response.json()
  } catch {
    return undefined
  }
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
