/** What an access token may do, each with the sentence that the documentation shows for it. */
export const scopes = {
  read_secure_mode_secret: 'List identity secrets, in both dialects, with their usage and cutover verdict',
  write_secure_mode_secret: 'Create, import, rename, disable, retire, rotate, restore and delete identity secrets',
  read_all: 'Every read scope of the workspace',
  verify: 'Verify user hashes, JWTs and signed requests',
  diagnose: 'Explain a failed verification (an oracle, so apart from verify)',
  read_integrators: 'List integrators and their secrets',
  write_integrators: 'Create and delete integrators, recover their secrets',
  read_access_tokens: 'List the access tokens of the workspace',
  write_access_tokens: 'Create, rotate and revoke the access tokens of the workspace',
  read_audit_log: 'Read and export the audit log and its checkpoints',
  read_settings: 'Read enforcement and rotation policy',
  write_settings: 'Change enforcement and rotation policy',
  manage_workspaces: 'Instance tokens only: workspaces, nodes, instance tokens',
} as const

export type Scope = keyof typeof scopes

export const scopeNames = Object.keys(scopes) as readonly Scope[] // sound: the object above has no other keys
