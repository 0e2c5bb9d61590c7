import type { Kysely } from 'kysely'
import type { IdentitySecret, IdentitySecretId } from '../identity-secrets/identity-secret.ts'
import type { IdentitySecretReader, IdentitySecretWriter } from '../identity-secrets/ports.ts'
import type { WorkspaceId } from '../workspaces/workspace.ts'
import type { Database } from './schema.ts'
import { insertSigningSecret, sealSigningSecret } from './signing-secret-rows.ts'

export function identitySecretsRepository(db: Kysely<Database>): IdentitySecretReader & IdentitySecretWriter {
  return {
    async list(workspaceId) {
      const rows = await db
        .selectFrom('signing_secrets')
        .select(['id', 'workspace_id', 'name', 'web', 'ios', 'android', 'created_at'])
        .where('workspace_id', '=', workspaceId)
        .where('integrator_id', 'is', null)
        .where('deleted_at', 'is', null)
        .orderBy('id')
        .execute()
      return rows.map(toIdentitySecret)
    },

    async deletedAtEpoch(workspaceId, id) {
      const row = await db
        .selectFrom('signing_secrets')
        .select('revoked_epoch')
        .where('workspace_id', '=', workspaceId)
        .where('integrator_id', 'is', null)
        .where('id', '=', Number(id))
        .executeTakeFirst()
      return row?.revoked_epoch ?? null
    },

    async countLive(workspaceId, nowMs) {
      const { count } = await db
        .selectFrom('signing_secrets')
        .select((eb) => eb.fn.countAll<number>().as('count'))
        .where('workspace_id', '=', workspaceId)
        .where('integrator_id', 'is', null)
        .where('deleted_at', 'is', null)
        .where((eb) => eb.or([eb('expires_at', 'is', null), eb('expires_at', '>', nowMs)]))
        .executeTakeFirstOrThrow()
      return count
    },

    async insert({ workspaceId, name, platforms, fingerprint, createdAtMs, createdBy }) {
      const id = await insertSigningSecret(db, {
        ...{ workspaceId, name, fingerprint, createdAtMs, createdBy },
        integratorId: null,
        platforms,
      })
      return id as IdentitySecretId // sound: the id of a secret that no integrator owns
    },

    setSealedMaterial: (workspaceId, id, sealed) => sealSigningSecret(db, { workspaceId, id, sealed }),

    // The guard is the concurrency control: of two deletes at once, one finds a row.
    async markDeleted(workspaceId, id, { atMs, by, epoch }) {
      const { numUpdatedRows } = await db
        .updateTable('signing_secrets')
        .set({ deleted_at: atMs, deleted_by: by, revoked_epoch: epoch })
        .where('workspace_id', '=', workspaceId)
        .where('integrator_id', 'is', null)
        .where('id', '=', Number(id))
        .where('deleted_at', 'is', null)
        .executeTakeFirstOrThrow()
      return numUpdatedRows === 1n
    },

    async destroyMaterialOf(workspaceId) {
      await db.updateTable('signing_secrets').set({ sealed: null }).where('workspace_id', '=', workspaceId).execute()
    },
  }
}

interface IdentitySecretRow {
  id: number
  workspace_id: string
  name: string
  web: number
  ios: number
  android: number
  created_at: number
}

function toIdentitySecret(row: IdentitySecretRow): IdentitySecret {
  return {
    id: String(row.id) as IdentitySecretId, // sound: an id that the store gave out
    workspaceId: row.workspace_id as WorkspaceId, // sound: a foreign key to workspaces
    name: row.name,
    platforms: { web: row.web === 1, ios: row.ios === 1, android: row.android === 1 },
    createdAtMs: row.created_at,
  }
}
