import type { Call } from './call.ts'

/** A call as it is handed to fetch. */
export interface OutgoingRequest {
  readonly url: URL
  readonly method: string
  readonly headers: Headers
  readonly body: string | undefined
}

/**
 * @param body - the JSON of the call's body, the same in each attempt.
 * @throws TypeError for what no request can hold. It never tells the value, which may be a secret.
 */
export function outgoingRequest(baseUrl: string, call: Call, body: string | undefined): OutgoingRequest {
  const url = new URL(baseUrl + safePath(call.path) + queryOf(call.query))
  const headers = new Headers(body === undefined ? {} : { 'Content-Type': 'application/json' })
  setAll(headers, call.headers)
  setAll(headers, call.sign?.(url.pathname + url.search, body))
  return { url, method: call.method, headers, body }
}

/** URL resolves `.` and `..`, also those that stand for an id: another resource would be meant, or a whole collection. */
function safePath(path: string): string {
  if (/\/\.{0,2}(\/|$)/.test(path)) throw new TypeError('An id must not be empty, nor be . or ..')
  return path
}

function queryOf(query: Call['query'] = {}): string {
  const given = Object.entries(query).filter(([, value]) => value !== undefined)
  return given.length === 0 ? '' : `?${new URLSearchParams(given.map(([name, value]) => [name, String(value)]))}`
}

function setAll(headers: Headers, values: Readonly<Record<string, string | undefined>> = {}): void {
  for (const [name, value] of Object.entries(values)) {
    try {
      if (value !== undefined) headers.set(name, value)
    } catch {
      // What the platform throws repeats the value: an access token would reach a log.
      throw new TypeError(`${name} holds a character that no header can hold`)
    }
  }
}
