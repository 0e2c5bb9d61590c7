import type { Buffer } from 'node:buffer'
import { decodeBase64 } from './webhook-base64.ts'

/**
 * Visible ASCII without the full stop, which Standard Webhooks asks senders to leave out: what was signed for the id
 * `a`, the timestamp 1 and the body `2.b` would also verify for the id `a.1`, the timestamp 2 and the body `b`.
 */
export function isWebhookId(id: unknown): id is string {
  return typeof id === 'string' && /^[!-\-/-~]+$/.test(id)
}

/** Unix seconds in digits alone, no leading zero; 13 digits would be milliseconds. */
export function parseTimestampSeconds(text: string): number | undefined {
  return /^(?:0|[1-9][0-9]{0,11})$/.test(text) ? Number(text) : undefined
}

export function signedContent(
  id: string,
  timestampSeconds: number,
  body: string | Uint8Array,
): (string | Uint8Array)[] {
  return [`${id}.${timestampSeconds}.`, body]
}

const SIGNATURE_BYTES = 32

/**
 * The `v1` signatures of a list; those of other versions are passed over. The list is refused whole when one of its
 * entries is no `version,value`, or a `v1` among them is not the canonical base64 of 32 bytes.
 */
export function parseSignatureList(text: string): readonly Buffer[] | undefined {
  const signatures: Buffer[] = []
  for (const entry of text.split(' ')) {
    const [, version, value] = /^([!-+\--~]+),([!-+\--~]+)$/.exec(entry) ?? []
    if (version === undefined || value === undefined) return undefined
    if (version !== 'v1') continue
    const signature = decodeBase64(value)
    if (signature?.length !== SIGNATURE_BYTES) return undefined
    signatures.push(signature)
  }
  return signatures
}
