/** Every action that an audit entry can name. */
export const auditActions = [
  'access.refused',
  'access_token.created',
  'identity_secret.created',
  'identity_secret.deleted',
  'workspace.created',
] as const

export type AuditAction = (typeof auditActions)[number]
