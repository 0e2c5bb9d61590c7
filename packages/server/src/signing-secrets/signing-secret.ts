/** When a secret is accepted, whichever dialect it was issued in. Half-open: at its first moment it is, at its end not. */
export interface SecretWindow {
  /** `null`: always. Else it is disabled until then. */
  readonly acceptedFromMs: number | null
  /** `null`: no end is set. */
  readonly expiresAtMs: number | null
}

export function isAccepted({ acceptedFromMs, expiresAtMs }: SecretWindow, nowMs: number): boolean {
  return (acceptedFromMs === null || nowMs >= acceptedFromMs) && (expiresAtMs === null || nowMs < expiresAtMs)
}
