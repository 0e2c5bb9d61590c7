import { type Kysely, type Selectable, sql } from 'kysely'
import type { IdentitySecret, IdentitySecretId, ManagedSecret } from '../identity-secrets/identity-secret.ts'
import type { IdentitySecretWriter, SecretPatch } from '../identity-secrets/ports.ts'
import type { WorkspaceId } from '../workspaces/workspace.ts'
import type { Database } from './schema.ts'
import { insertSigningSecret, sealSigningSecret } from './signing-secret-rows.ts'

const idsAtOnce = 500

export function identitySecretsRepository(db: Kysely<Database>): IdentitySecretWriter {
  const ofUsers = (workspaceId: string) =>
    db
      .selectFrom('signing_secrets')
      .where('signing_secrets.workspace_id', '=', workspaceId)
      .where('signing_secrets.integrator_id', 'is', null)
  const withLastUse = (workspaceId: string) =>
    ofUsers(workspaceId)
      .leftJoin('secret_uses', 'secret_uses.secret_id', 'signing_secrets.id')
      .selectAll('signing_secrets')
      .select('secret_uses.last_at')
  const one = (workspaceId: string, id: string) =>
    db
      .updateTable('signing_secrets')
      .where('workspace_id', '=', workspaceId)
      .where('integrator_id', 'is', null)
      .where('id', '=', Number(id))

  return {
    async list(workspaceId) {
      const rows = await ofUsers(workspaceId).selectAll().where('deleted_at', 'is', null).orderBy('id').execute()
      return rows.map(toIdentitySecret)
    },

    /** Relies on the indexes `signing_secrets_of_users` and, where dead ones are shown, `signing_secrets_of_workspace`. */
    async page(workspaceId, { state, nowMs, createdUntilMs }, after, limit) {
      const rows = await withLastUse(workspaceId)
        .$if(state === 'live' || createdUntilMs !== null, (query) =>
          query
            .where('deleted_at', 'is', null)
            .where((eb) => eb.or([eb('expires_at', 'is', null), eb('expires_at', '>', nowMs)])),
        )
        .$if(createdUntilMs !== null, (query) => query.where('created_at', '<=', createdUntilMs))
        .$if(after !== null, (query) => query.where('id', '>', Number(after)))
        .orderBy('id')
        .limit(limit)
        .execute()
      return rows.map((row) => ({ ...toManagedSecret(row), cursor: String(row.id) }))
    },

    async find(workspaceId, id) {
      const row = await withLastUse(workspaceId).where('id', '=', Number(id)).executeTakeFirst()
      return row ? toManagedSecret(row) : null
    },

    async deletedAtEpoch(workspaceId, id) {
      const row = await ofUsers(workspaceId).select('revoked_epoch').where('id', '=', Number(id)).executeTakeFirst()
      return row?.revoked_epoch ?? null
    },

    async countLive(workspaceId, nowMs) {
      const { count } = await ofUsers(workspaceId)
        .select((eb) => eb.fn.countAll<number>().as('count'))
        .where('deleted_at', 'is', null)
        .where((eb) => eb.or([eb('expires_at', 'is', null), eb('expires_at', '>', nowMs)]))
        .executeTakeFirstOrThrow()
      return count
    },

    async liveHolders(workspaceId, fingerprint, nowMs) {
      const rows = await ofUsers(workspaceId)
        .select('id')
        .where('fingerprint', '=', fingerprint)
        .where('deleted_at', 'is', null)
        .where((eb) => eb.or([eb('expires_at', 'is', null), eb('expires_at', '>', nowMs)]))
        .execute()
      return rows.map(({ id }) => String(id) as IdentitySecretId) // sound: an id that the store gave out
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

    async patch(workspaceId, id, patch) {
      const { numUpdatedRows } = await one(workspaceId, id)
        .set(toColumns(patch))
        .where('deleted_at', 'is', null)
        .executeTakeFirstOrThrow()
      return numUpdatedRows === 1n
    },

    // The guard is the concurrency control: of two deletes at once, one finds a row.
    async markDeleted(workspaceId, id, { atMs, by, epoch }) {
      const { numUpdatedRows } = await one(workspaceId, id)
        .set({ deleted_at: atMs, deleted_by: by, revoked_epoch: epoch })
        .where('deleted_at', 'is', null)
        .executeTakeFirstOrThrow()
      return numUpdatedRows === 1n
    },

    async restore(workspaceId, id, { atMs, deletedAfterMs }) {
      const { numUpdatedRows } = await one(workspaceId, id)
        .set({
          ...{ deleted_at: null, deleted_by: null, revoked_epoch: null },
          expires_at: sql<number | null>`case when expires_at > ${atMs} then expires_at end`,
          ...{ disabled_at: atMs, enable_at: null, awaited_id: null, awaited_grace_ms: null },
        })
        .where('deleted_at', '>', deletedAfterMs)
        .where('sealed', 'is not', null)
        .executeTakeFirstOrThrow()
      return numUpdatedRows === 1n
    },

    async purgeable(deletedUntilMs, limit) {
      // Relies on the index `signing_secrets_unpurged`.
      const rows = await db
        .selectFrom('signing_secrets')
        .select(['workspace_id', 'id', 'integrator_id', 'fingerprint'])
        .where('deleted_at', '<=', deletedUntilMs)
        .where('sealed', 'is not', null)
        .orderBy('deleted_at')
        .limit(limit)
        .execute()
      return rows.map(({ workspace_id, id, integrator_id, fingerprint }) => ({
        workspaceId: workspace_id,
        id: String(id),
        integratorId: integrator_id,
        fingerprint,
      }))
    },

    async purge({ workspaceId, id }, { deletedUntilMs, atMs }) {
      const { numUpdatedRows } = await db
        .updateTable('signing_secrets')
        .set({ sealed: null, purged_at: atMs })
        .where('workspace_id', '=', workspaceId)
        .where('id', '=', Number(id))
        .where('deleted_at', '<=', deletedUntilMs)
        .where('sealed', 'is not', null)
        .executeTakeFirstOrThrow()
      return numUpdatedRows === 1n
    },

    async awaiting(usedIds, nowMs) {
      const found: ManagedSecret[] = []
      for (let start = 0; start < usedIds.length; start += idsAtOnce) {
        // Relies on the index `signing_secrets_awaiting`.
        const rows = await db
          .selectFrom('signing_secrets')
          .selectAll()
          .select(sql<null>`null`.as('last_at'))
          .where('awaited_id', 'in', usedIds.slice(start, start + idsAtOnce).map(Number))
          .where('deleted_at', 'is', null)
          .where((eb) => eb.or([eb('expires_at', 'is', null), eb('expires_at', '>', nowMs)]))
          .execute()
        found.push(...rows.map(toManagedSecret))
      }
      return found
    },

    async destroyMaterialOf(workspaceId) {
      await db.updateTable('signing_secrets').set({ sealed: null }).where('workspace_id', '=', workspaceId).execute()
    },
  }
}

type Row = Selectable<Database['signing_secrets']>

function toIdentitySecret(row: Row): IdentitySecret {
  return {
    id: String(row.id) as IdentitySecretId, // sound: an id that the store gave out
    workspaceId: row.workspace_id as WorkspaceId, // sound: a foreign key to workspaces
    name: row.name,
    platforms: { web: row.web === 1, ios: row.ios === 1, android: row.android === 1 },
    createdAtMs: row.created_at,
  }
}

function toManagedSecret(row: Row & { readonly last_at: number | null }): ManagedSecret {
  return {
    ...toIdentitySecret(row),
    fingerprint: row.fingerprint,
    createdBy: row.created_by,
    disabledAtMs: row.disabled_at,
    acceptedFromMs: row.enable_at,
    expiresAtMs: row.expires_at,
    deletedAtMs: row.deleted_at,
    deletedBy: row.deleted_by,
    purgedAtMs: row.purged_at,
    successorId: row.successor_id === null ? null : (String(row.successor_id) as IdentitySecretId), // sound: as above
    awaitedGraceMs: row.awaited_grace_ms,
    lastVerifiedAtMs: row.last_at,
  }
}

function toColumns(patch: SecretPatch): Partial<Omit<Row, 'id'>> {
  const { name, platforms, disabledAtMs, acceptedFromMs, expiresAtMs, successorId, awaited } = patch
  return {
    ...(name === undefined ? {} : { name }),
    ...(platforms === undefined
      ? {}
      : { web: Number(platforms.web), ios: Number(platforms.ios), android: Number(platforms.android) }),
    ...(disabledAtMs === undefined ? {} : { disabled_at: disabledAtMs }),
    ...(acceptedFromMs === undefined ? {} : { enable_at: acceptedFromMs }),
    ...(expiresAtMs === undefined ? {} : { expires_at: expiresAtMs }),
    ...(successorId === undefined ? {} : { successor_id: Number(successorId) }),
    ...(awaited === undefined
      ? {}
      : { awaited_id: awaited === null ? null : Number(awaited.id), awaited_grace_ms: awaited?.graceMs ?? null }),
  }
}
