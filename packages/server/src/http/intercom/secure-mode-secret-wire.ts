import type { CreatedSecureModeSecret, CreateSecureModeSecret, SecureModeSecret } from '@cutover/contract'
import { type DisplayName, parseDisplayName } from '../../display-name.ts'
import type { IdentitySecret, Platforms } from '../../identity-secrets/identity-secret.ts'
import { type FieldFault, Refusal } from '../refusal.ts'

export function toSecureModeSecret(secret: IdentitySecret): SecureModeSecret {
  return {
    type: 'identity_verification_secret',
    id: secret.id,
    name: secret.name,
    supports_android: secret.platforms.android,
    supports_ios: secret.platforms.ios,
    supports_web: secret.platforms.web,
    created_at: Math.floor(secret.createdAtMs / 1000),
  }
}

export function toCreatedSecureModeSecret(secret: IdentitySecret, material: string): CreatedSecureModeSecret {
  return { ...toSecureModeSecret(secret), secret: material }
}

export interface CreateFields {
  readonly name: DisplayName
  readonly platforms: Platforms
}

/**
 * The fields of a create, or everything that is wrong with them at once: `typeFaults` are those that the schema found,
 * and what it found nothing wrong with is checked here.
 */
export function parseCreateFields(body: CreateSecureModeSecret, typeFaults: readonly FieldFault[]): CreateFields {
  const platforms = {
    web: body.supports_web === true,
    ios: body.supports_ios === true,
    android: body.supports_android === true,
  }
  const name = typeof body.name === 'string' ? parseDisplayName(body.name) : null
  const faults = [...typeFaults, ...nameFaults(name), ...platformFaults(platforms, typeFaults)]
  if (faults.length > 0 || name === null || 'fault' in name) throw new Refusal('fields_invalid', { faults })
  return { name: name.name, platforms }
}

function nameFaults(parsed: ReturnType<typeof parseDisplayName> | null): FieldFault[] {
  if (parsed === null || 'name' in parsed) return []
  const message = parsed.fault === 'missing' ? 'name is required' : 'name is invalid'
  return [{ field: 'name', message, isTypeMismatch: false }]
}

/** A flag of the wrong type may have been meant as true: that it is wrong is fault enough. */
function platformFaults(platforms: Platforms, typeFaults: readonly FieldFault[]): FieldFault[] {
  const some = Object.values(platforms).some(Boolean)
  if (some || typeFaults.some(({ field }) => field.startsWith('supports_'))) return []
  const message = 'at least one of supports_android, supports_ios, supports_web must be true'
  return [{ field: '', message, isTypeMismatch: false }]
}
