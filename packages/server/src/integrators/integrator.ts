import { randomWithChecksum } from '../base62.ts'
import type { SecretWindow } from '../signing-secrets/signing-secret.ts'
import type { System } from '../system.ts'
import type { WorkspaceId } from '../workspaces/workspace.ts'

export type IntegratorId = `itg_${string}`

/** What an integrator sends with each request to say who it is. No secret. */
export type IntegratorKey = `int_${string}`

export interface Integrator {
  readonly id: IntegratorId
  readonly key: IntegratorKey
  readonly workspaceId: WorkspaceId
  readonly name: string
}

/** A secret of an integrator: the type has no place for its material. */
export interface IntegratorSecret extends SecretWindow {
  readonly id: string
  readonly fingerprint: string
}

/** The one without an end; every other is on its way out. There is always exactly one. */
export function isCurrent({ expiresAtMs }: SecretWindow): boolean {
  return expiresAtMs === null
}

const keyShape = /^int_[0-9A-Za-z]{20}$/

/** `null` for what cannot be a key: nobody has to be asked about it. */
export function parseIntegratorKey(text: string): IntegratorKey | null {
  return keyShape.test(text) ? (text as IntegratorKey) : null // sound: the shape was just checked
}

const randomDigits = 43

/** `ints_`, 43 random base62 digits (256 bits), and their CRC-32 (IEEE) as six base62 digits. */
export function makeIntegratorSecret(system: System): string {
  return `ints_${randomWithChecksum(system, randomDigits)}`
}

/** What a kept answer that shows this secret is filed under. */
export function keptAnswerSubject(secretId: string): string {
  return `integrator_secret ${secretId}`
}
