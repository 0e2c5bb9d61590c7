import { type Platform, platformNames } from '@cutover/contract'
import { createKeyset, type Keyset } from '@cutover/signing'
import type { EnforcementByPlatform } from '../workspaces/workspace.ts'

/** What an answer tells of the secret that verified. */
export interface VerifyingSecret {
  readonly id: string
  /** Half-open: at this very millisecond the secret is already refused. `null`: no end is set. */
  readonly expiresAtMs: number | null
}

export interface OpenedSecret extends VerifyingSecret {
  readonly material: string
  readonly platforms: Readonly<Record<Platform, boolean>>
}

interface PlatformKeyset {
  readonly keyset: Keyset<VerifyingSecret>
  readonly firstEndMs: number
}

/** All that a verification in one workspace reads. */
export class WorkspaceKeyset {
  readonly enforcement: EnforcementByPlatform
  readonly #byPlatform: ReadonlyMap<Platform, PlatformKeyset>

  constructor(enforcement: EnforcementByPlatform, secrets: readonly OpenedSecret[]) {
    this.enforcement = enforcement
    this.#byPlatform = byPlatform(secrets)
  }

  /** The secrets of `platform` that are accepted at `nowMs`: judged at each call, so that no timer has to fire. */
  acceptedAt(platform: Platform, nowMs: number): Keyset<VerifyingSecret> {
    const { keyset, firstEndMs } = this.#byPlatform.get(platform) ?? none
    return nowMs < firstEndMs ? keyset : keyset.filter((secret) => isAccepted(secret, nowMs))
  }
}

const none: PlatformKeyset = { keyset: createKeyset<VerifyingSecret>([]), firstEndMs: Number.POSITIVE_INFINITY }

function isAccepted({ expiresAtMs }: VerifyingSecret, nowMs: number): boolean {
  return expiresAtMs === null || nowMs < expiresAtMs
}

/** Platforms with the same secrets share one keyset: most workspaces have one, not three. */
function byPlatform(secrets: readonly OpenedSecret[]): ReadonlyMap<Platform, PlatformKeyset> {
  const shared = new Map<string, PlatformKeyset>()
  const entries = platformNames.map((platform) => {
    const members = secrets.filter((secret) => secret.platforms[platform])
    const ids = members.map((secret) => secret.id).join()
    const keyset = shared.get(ids) ?? prepare(members)
    shared.set(ids, keyset)
    return [platform, keyset] as const
  })
  return new Map(entries)
}

function prepare(members: readonly OpenedSecret[]): PlatformKeyset {
  const keyset = createKeyset(
    members.map(({ id, expiresAtMs, material }) => ({ id: { id, expiresAtMs }, secret: material })),
  )
  const firstEndMs = Math.min(...members.map(({ expiresAtMs }) => expiresAtMs ?? Number.POSITIVE_INFINITY))
  return { keyset, firstEndMs }
}
