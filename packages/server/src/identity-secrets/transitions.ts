import type { CanonicalObject } from '@cutover/signing'
import type { DisplayName } from '../display-name.ts'
import { DomainError } from '../domain-error.ts'
import { isoTime } from '../iso-time.ts'
import { ending, impossible, type Transition } from './change-identity-secret.ts'
import type { Platforms } from './identity-secret.ts'

/** A new name, other platforms, or both. */
export function edit(fields: { readonly name?: DisplayName; readonly platforms?: Partial<Platforms> }): Transition {
  return (secret, state) => {
    if (state === 'deleted') throw impossible('The secret is deleted')
    const platforms = { ...secret.platforms, ...fields.platforms }
    if (!Object.values(platforms).some(Boolean)) throw new DomainError('no_platform')
    const { name = secret.name } = fields
    const isSame = name === secret.name && JSON.stringify(platforms) === JSON.stringify({ ...secret.platforms })
    if (isSame) return null
    return {
      action: 'identity_secret.edited',
      patch: { ...(fields.name === undefined ? {} : { name: fields.name }), platforms },
      metadata: { from: shown(secret.name, secret.platforms), to: shown(name, platforms) },
    }
  }
}

function shown(name: string, platforms: Platforms): CanonicalObject {
  return { name, platforms: { web: platforms.web, ios: platforms.ios, android: platforms.android } }
}

/** Not accepted any more, until somebody enables it or, where `revertAfterMs` is given, by itself that long after. */
export function disable(revertAfterMs: number | null): Transition {
  return (secret, state, nowMs) => {
    if (state === 'deleted' || state === 'expired') throw impossible(`The secret is ${state}`)
    const acceptedFromMs = revertAfterMs === null ? null : nowMs + revertAfterMs
    if (state === 'disabled' && secret.acceptedFromMs === acceptedFromMs) return null
    return {
      action: 'identity_secret.disabled',
      patch: { disabledAtMs: state === 'disabled' ? secret.disabledAtMs : nowMs, acceptedFromMs },
      metadata: { enableAt: isoTime(acceptedFromMs) },
    }
  }
}

export const enable: Transition = (_secret, state) => {
  if (state === 'deleted' || state === 'expired') throw impossible(`The secret is ${state}`)
  if (state !== 'disabled') return null
  return {
    action: 'identity_secret.enabled',
    patch: { disabledAtMs: null, acceptedFromMs: null },
    metadata: {},
  }
}

/** Accepted for so long yet; 0: not any more. */
export function retire(afterMs: number): Transition {
  return (secret, state, nowMs) => {
    if (state === 'deleted') throw impossible('The secret is deleted')
    if (state === 'expired') {
      if (afterMs === 0) return null
      throw impossible('The secret is expired')
    }
    const expiresAtMs = nowMs + afterMs
    if (secret.expiresAtMs === expiresAtMs && secret.awaitedGraceMs === null) return null
    return {
      action: 'identity_secret.retired',
      patch: { ...ending(expiresAtMs, nowMs), awaited: null },
      metadata: { expiresAt: isoTime(expiresAtMs) },
    }
  }
}

export const cancelRetirement: Transition = (secret, state) => {
  if (state === 'deleted' || state === 'expired') throw impossible(`The secret is ${state}`)
  if (secret.expiresAtMs === null) return null
  return {
    action: 'identity_secret.retirement_canceled',
    patch: { expiresAtMs: null, awaited: null },
    metadata: { wasToExpireAt: isoTime(secret.expiresAtMs) },
  }
}
