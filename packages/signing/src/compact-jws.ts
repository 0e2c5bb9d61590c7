import { type Buffer, isUtf8 } from 'node:buffer'
import { decodeBase64url } from './base64url.ts'

export const MAX_JWT_BYTES = 8192

export type JsonObject = { readonly [name: string]: unknown }

interface CompactJws {
  readonly header: JsonObject
  readonly payload: JsonObject
  readonly signingInput: string
  readonly signature: Buffer
}

/**
 * JWS Compact Serialization (RFC 7515 §7.1) of a JSON object, or undefined. A signature of no bytes is well formed
 * (RFC 7519 §6 signs nothing): refusing it is the business of `alg`.
 */
export function parseCompactJws(jws: string): CompactJws | undefined {
  if (jws.length > MAX_JWT_BYTES) return undefined
  const parts = jws.split('.', 4)
  const [headerPart, payloadPart, signaturePart] = parts
  if (parts.length !== 3 || headerPart === undefined || payloadPart === undefined || signaturePart === undefined) {
    return undefined
  }
  const header = decodeJsonObject(headerPart)
  const payload = decodeJsonObject(payloadPart)
  const signature = decodeBase64url(signaturePart)
  if (!header || !payload || !signature) return undefined
  return { header, payload, signingInput: `${headerPart}.${payloadPart}`, signature }
}

function decodeJsonObject(part: string): JsonObject | undefined {
  const bytes = decodeBase64url(part)
  return bytes && isUtf8(bytes) ? parseJsonObject(bytes.toString()) : undefined
}

/**
 * Of a repeated name the last value counts, as RFC 7515 §4 and RFC 7519 §4 allow; `__proto__` is a name like any other.
 */
export function parseJsonObject(text: string): JsonObject | undefined {
  try {
    const value: unknown = JSON.parse(text)
    return isJsonObject(value) ? value : undefined
  } catch {
    return undefined
  }
}

function isJsonObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
