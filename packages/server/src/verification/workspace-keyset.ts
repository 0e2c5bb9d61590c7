import { type Platform, platformNames } from '@cutover/contract'
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

/** All that a verification in one workspace reads. */
export class WorkspaceKeyset {
  readonly enforcement: EnforcementByPlatform
  readonly #byPlatform: ReadonlyMap<Platform, TimedKeyset<VerifyingSecret>>

  constructor(enforcement: EnforcementByPlatform, secrets: readonly OpenedSecret[]) {
    this.enforcement = enforcement
    this.#byPlatform = byPlatform(secrets)
  }

  /** The secrets of `platform` that are accepted at `nowMs`. */
  acceptedAt(platform: Platform, nowMs: number): Keyset<VerifyingSecret> {
    return (this.#byPlatform.get(platform) ?? none).acceptedAt(nowMs)
  }
}

const none = new TimedKeyset<VerifyingSecret>([])

/** Platforms with the same secrets share one keyset: most workspaces have one, not three. */
function byPlatform(secrets: readonly OpenedSecret[]): ReadonlyMap<Platform, TimedKeyset<VerifyingSecret>> {
  const shared = new Map<string, TimedKeyset<VerifyingSecret>>()
  const entries = platformNames.map((platform) => {
    const members = secrets.filter((secret) => secret.platforms[platform])
    const ids = members.map((secret) => secret.id).join()
    const keyset = shared.get(ids) ?? prepare(members)
    shared.set(ids, keyset)
    return [platform, keyset] as const
  })
  return new Map(entries)
}

function prepare(members: readonly OpenedSecret[]): TimedKeyset<VerifyingSecret> {
  return new TimedKeyset(
    members.map(({ id, acceptedFromMs, expiresAtMs, material }) => ({
      told: { id, acceptedFromMs, expiresAtMs },
      material,
    })),
  )
}
