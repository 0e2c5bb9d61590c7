import type { Platform } from '@cutover/contract'
import { platformNames } from './vocabulary.ts'

export type PlatformFlags = Readonly<Record<Platform, boolean>>
export type WantedPlatforms = { readonly [Name in Platform]?: boolean }

/** `web ios`, or `all`. */
export function platformsOf(flags: PlatformFlags): string {
  const names = platformNames.filter((name) => flags[name])
  return names.length === platformNames.length ? 'all' : names.join(' ')
}

/** Those that the command line says something of. */
export function wantedPlatforms(options: WantedPlatforms): WantedPlatforms {
  return Object.fromEntries(
    platformNames.filter((name) => options[name] !== undefined).map((name) => [name, options[name]]),
  )
}
