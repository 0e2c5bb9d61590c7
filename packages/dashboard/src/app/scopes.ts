import type { Scope } from '@cutover/contract'

/** What each scope is for, in the words of the API's documentation. */
export const scopeWords = {
  read_secure_mode_secret: 'List identity secrets, with their usage and cutover verdict',
  write_secure_mode_secret: 'Create, import, rename, disable, retire, rotate, restore and delete identity secrets',
  read_all: 'Every read scope of the workspace',
  verify: 'Verify user hashes, JWTs and signed requests',
  diagnose: 'Explain a failed verification',
  read_integrators: 'List integrators and their secrets',
  write_integrators: 'Create and delete integrators, recover their secrets',
  read_access_tokens: 'List the access tokens of the workspace',
  write_access_tokens: 'Create, rotate and revoke the access tokens of the workspace',
  read_audit_log: 'Read and export the audit log and its checkpoints',
  read_settings: 'Read enforcement and rotation policy',
  write_settings: 'Change enforcement and rotation policy',
  manage_workspaces: 'Instance tokens only: workspaces, nodes, instance tokens',
} as const satisfies Record<Scope, string>

export const allScopes = Object.keys(scopeWords) as readonly Scope[] // sound: the object above has no other keys

export function allows(scopes: readonly Scope[], wanted: Scope): boolean {
  return scopes.includes(wanted) || (wanted.startsWith('read_') && scopes.includes('read_all'))
}
