/** Every action that an audit entry can name. */
export const auditActions = [
  'access.read',
  'access.refused',
  'access_token.created',
  'access_token.revoked',
  'access_token.rotated',
  'identity_secret.created',
  'identity_secret.deleted',
  'integrator.created',
  'integrator.deleted',
  'integrator.secret_regenerated',
  'store.rollback_accepted',
  'workspace.created',
  'workspace.deleted',
  'workspace.renamed',
] as const

export type AuditAction = (typeof auditActions)[number]
