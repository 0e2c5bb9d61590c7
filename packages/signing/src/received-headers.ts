/** Of `hex-sha256`, which no specification names a header for. */
export const DEFAULT_SIGNATURE_HEADER = 'X-Body-Signature'

/**
 * Headers as they were received: Node's `rawHeaders`, Node's `headers` or another record of names in whatever case, or
 * a Fetch `Headers`. Prefer `rawHeaders`: in the other two a header that was sent twice is one value, joined with a
 * comma.
 */
export type ReceivedHeaders =
  | readonly string[]
  | { get(name: string): string | null }
  | { readonly [name: string]: string | readonly string[] | undefined }

/**
 * Every value of a header, none when it is missing. An array in a record is one value that is no string: whoever sends
 * a header twice would have one reader take the first and another one the last.
 */
export function headerValues(headers: ReceivedHeaders, name: string): readonly unknown[] {
  const wanted = name.toLowerCase()
  return nameValuePairs(headers, wanted).flatMap(([found, value]) =>
    found.toLowerCase() === wanted && value !== undefined && value !== null ? [value] : [],
  )
}

function nameValuePairs(headers: ReceivedHeaders, wanted: string): readonly (readonly [string, unknown])[] {
  if (isRawHeaders(headers)) {
    return headers.flatMap((name, at) => (at % 2 === 0 ? [[String(name), headers[at + 1]] as const] : []))
  }
  return hasGetter(headers) ? [[wanted, headers.get(wanted)]] : Object.entries(headers)
}

/** Array.isArray alone does not tell the compiler of a readonly array. */
function isRawHeaders(headers: ReceivedHeaders): headers is readonly string[] {
  return Array.isArray(headers)
}

/** A header named `get` is a string. */
function hasGetter(headers: ReceivedHeaders): headers is { get(name: string): string | null } {
  return 'get' in headers && typeof headers.get === 'function'
}
