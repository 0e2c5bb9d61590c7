import type { AuditAction } from '@cutover/contract'

/** Every action that an entry can name, and what happened, in words. */
export const actionWords = {
  'access.read': 'Something was read',
  'access.refused': 'A call was refused',
  'access_token.created': 'Access token made',
  'access_token.revoked': 'Access token revoked',
  'access_token.rotated': 'Access token rotated',
  'identity_secret.created': 'Identity secret made',
  'identity_secret.deleted': 'Identity secret deleted',
  'identity_secret.disabled': 'Identity secret disabled',
  'identity_secret.edited': 'Identity secret edited',
  'identity_secret.enabled': 'Identity secret enabled',
  'identity_secret.imported': 'Identity secret imported',
  'identity_secret.purged': 'Identity secret destroyed',
  'identity_secret.restored': 'Identity secret restored',
  'identity_secret.retired': 'Identity secret retired',
  'identity_secret.retirement_canceled': 'End of an identity secret taken back',
  'identity_secret.rotated': 'Identity secret rotated',
  'integrator.created': 'Integrator made',
  'integrator.deleted': 'Integrator deleted',
  'integrator.secret_purged': 'Secret of an integrator destroyed',
  'integrator.secret_regenerated': 'Secret of an integrator regenerated',
  'session.created': 'Signed in',
  'session.ended': 'Signed out',
  'settings.changed': 'Settings changed',
  'store.demo_made': 'Demonstration made',
  'store.rollback_accepted': 'Older store accepted',
  'verification.diagnosed': 'Verification diagnosed',
  'workspace.created': 'Workspace made',
  'workspace.deleted': 'Workspace deleted',
  'workspace.renamed': 'Workspace renamed',
} as const satisfies Record<AuditAction, string>

export const auditActions = Object.keys(actionWords) as readonly AuditAction[] // sound: the object above has no other keys
