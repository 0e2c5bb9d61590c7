import type { IntegratorSecret as SecretWire } from '@cutover/contract'
import { type IntegratorSecret, isCurrent } from '../../integrators/integrator.ts'
import { isoTime } from '../../iso-time.ts'
import { isAccepted } from '../../signing-secrets/signing-secret.ts'

/** Those that are accepted, the current one first, then the latest to end. */
export function acceptedSecrets<Secret extends IntegratorSecret>(
  secrets: readonly Secret[],
  nowMs: number,
): readonly Secret[] {
  const endOf = ({ expiresAtMs }: Secret) => expiresAtMs ?? Number.POSITIVE_INFINITY
  return secrets
    .filter((secret) => isAccepted(secret, nowMs))
    .sort((a, b) => (endOf(a) === endOf(b) ? 0 : endOf(b) - endOf(a)))
}

export function toSecret(secret: IntegratorSecret): SecretWire {
  return {
    fingerprint: secret.fingerprint,
    state: isCurrent(secret) ? 'current' : 'retiring',
    expiresAt: isoTime(secret.expiresAtMs),
  }
}
