import type { Kysely } from 'kysely'
import type { Platforms } from '../identity-secrets/identity-secret.ts'
import type { Database } from './schema.ts'

/** A secret before it has an id, whoever signs with it. */
export interface NewSigningSecret {
  readonly workspaceId: string
  /** `null`: users are signed with it. */
  readonly integratorId: string | null
  readonly name: string
  readonly platforms: Platforms
  readonly fingerprint: string
  readonly createdAtMs: number
  readonly createdBy: string
}

/** The row without its material, which is sealed to the id that this returns. */
export async function insertSigningSecret(db: Kysely<Database>, secret: NewSigningSecret): Promise<string> {
  const { platforms } = secret
  const { id } = await db
    .insertInto('signing_secrets')
    .values({
      workspace_id: secret.workspaceId,
      integrator_id: secret.integratorId,
      name: secret.name,
      web: Number(platforms.web),
      ios: Number(platforms.ios),
      android: Number(platforms.android),
      fingerprint: secret.fingerprint,
      sealed: null,
      created_at: secret.createdAtMs,
      created_by: secret.createdBy,
      expires_at: null,
      disabled_at: null,
      enable_at: null,
      deleted_at: null,
      deleted_by: null,
      revoked_epoch: null,
      purged_at: null,
      successor_id: null,
      awaited_id: null,
      awaited_grace_ms: null,
      tracked_since: secret.createdAtMs,
    })
    .returning('id')
    .executeTakeFirstOrThrow()
  return String(id)
}

export async function sealSigningSecret(
  db: Kysely<Database>,
  { workspaceId, id, sealed }: { readonly workspaceId: string; readonly id: string; readonly sealed: string },
): Promise<void> {
  await db
    .updateTable('signing_secrets')
    .set({ sealed })
    .where('workspace_id', '=', workspaceId)
    .where('id', '=', Number(id))
    .where('sealed', 'is', null)
    .executeTakeFirstOrThrow()
}
