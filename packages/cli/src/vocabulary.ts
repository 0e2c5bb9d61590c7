import type { Enforcement, Environment, Platform, Preset, Scope } from '@cutover/contract'

// The contract's own lists come with all of its schemas, which take longer to load than a command takes to run. That
// none is forgotten here, or made up, is what the types check.

export const platformNames = namesOf<Platform>({ web: true, ios: true, android: true })

export const enforcements = namesOf<Enforcement>({ enforce: true, monitor: true, off: true })

export const environments = namesOf<Environment>({ development: true, staging: true, production: true })

export const presets: Readonly<Record<Preset, readonly Scope[]>> = {
  development: ['read_all'],
  staging: ['read_all', 'verify', 'write_secure_mode_secret'],
  'production-verifier': ['verify'],
  rotator: ['read_secure_mode_secret', 'write_secure_mode_secret'],
}

export const presetNames = Object.keys(presets) as readonly Preset[] // sound: the object above has no other keys

export const scopeNames = namesOf<Scope>({
  read_secure_mode_secret: true,
  write_secure_mode_secret: true,
  read_all: true,
  verify: true,
  diagnose: true,
  read_integrators: true,
  write_integrators: true,
  read_access_tokens: true,
  write_access_tokens: true,
  read_audit_log: true,
  read_settings: true,
  write_settings: true,
  manage_workspaces: true,
})

function namesOf<Name extends string>(names: Readonly<Record<Name, true>>): readonly Name[] {
  return Object.keys(names) as Name[] // sound: the type allows no other keys
}
