import { useRef } from 'react'

/**
 * The same key for the same request: one whose answer was lost is answered again when it is sent again, with the secret
 * that it made.
 */
export function useIdempotencyKeys(): (body: unknown) => string {
  const last = useRef({ body: '', key: '' })
  return (body) => {
    const text = JSON.stringify(body)
    if (last.current.body !== text) last.current = { body: text, key: newKey() }
    return last.current.key
  }
}

/** Not `randomUUID`, which browsers keep from pages that are not served over TLS. */
function newKey(): string {
  return [...crypto.getRandomValues(new Uint8Array(16))].map((byte) => byte.toString(16).padStart(2, '0')).join('')
}
