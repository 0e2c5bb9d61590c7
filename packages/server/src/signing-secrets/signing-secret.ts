import { hash } from 'node:crypto'

/** When a secret is accepted, whichever dialect it was issued in. */
export interface SecretWindow {
  /** Half-open: at this very millisecond the secret is already refused. `null`: no end is set. */
  readonly expiresAtMs: number | null
}

export function isAccepted({ expiresAtMs }: SecretWindow, nowMs: number): boolean {
  return expiresAtMs === null || nowMs < expiresAtMs
}

/** `sha256:` and the first 16 hex digits of the SHA-256 of the secret string: its holder can compute it offline. */
export function fingerprint(material: string): string {
  return `sha256:${hash('sha256', material, 'hex').slice(0, 16)}`
}
