import type { Platform } from '@cutover/contract'
import type { Keyset } from '@cutover/signing'
import type { SecretWindow } from '../signing-secrets/signing-secret.ts'
import { TimedKeyset } from '../signing-secrets/timed-keyset.ts'
import type { EnforcementByPlatform } from '../workspaces/workspace.ts'

/** What an answer tells of the secret that verified. */
export interface VerifyingSecret extends SecretWindow {
  readonly id: string
}

export interface OpenedSecret extends VerifyingSecret {
  readonly material: string
  readonly platforms: Readonly<Record<Platform, boolean>>
}

/** All that a verification in one workspace reads: small, since a server keeps hundreds of thousands. */
export class WorkspaceKeyset {
  readonly enforcement: EnforcementByPlatform
  readonly #web: TimedKeyset<VerifyingSecret>
  readonly #ios: TimedKeyset<VerifyingSecret>
  readonly #android: TimedKeyset<VerifyingSecret>

  constructor(enforcement: EnforcementByPlatform, secrets: readonly OpenedSecret[]) {
    this.enforcement = shared(enforcement)
    const { web, ios, android } = byPlatform(secrets)
    this.#web = web
    this.#ios = ios
    this.#android = android
  }

  /** The secrets of `platform` that are accepted at `nowMs`. */
  acceptedAt(platform: Platform, nowMs: number): Keyset<VerifyingSecret> {
    const keyset = platform === 'web' ? this.#web : platform === 'ios' ? this.#ios : this.#android
    return keyset.acceptedAt(nowMs)
  }
}

const enforcements = new Map<string, EnforcementByPlatform>()

/** There are few that differ: 27. */
function shared(enforcement: EnforcementByPlatform): EnforcementByPlatform {
  const { web, ios, android } = enforcement
  const name = `${web} ${ios} ${android}`
  const known = enforcements.get(name) ?? enforcement
  enforcements.set(name, known)
  return known
}

/** Platforms with the same secrets share one keyset: most workspaces have one, not three. */
function byPlatform(secrets: readonly OpenedSecret[]): Readonly<Record<Platform, TimedKeyset<VerifyingSecret>>> {
  const prepared = new Map<string, TimedKeyset<VerifyingSecret>>()
  const ofPlatform = (platform: Platform) => {
    const members = secrets.filter((secret) => secret.platforms[platform])
    const ids = members.map((secret) => secret.id).join()
    const keyset = prepared.get(ids) ?? prepare(members)
    prepared.set(ids, keyset)
    return keyset
  }
  return { web: ofPlatform('web'), ios: ofPlatform('ios'), android: ofPlatform('android') }
}

function prepare(members: readonly OpenedSecret[]): TimedKeyset<VerifyingSecret> {
  return new TimedKeyset(
    members.map(({ id, acceptedFromMs, expiresAtMs, material }) => ({
      told: { id, acceptedFromMs, expiresAtMs },
      material,
    })),
  )
}
