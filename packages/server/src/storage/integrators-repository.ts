import type { Kysely, Selectable } from 'kysely'
import type { IntegratorId, IntegratorKey } from '../integrators/integrator.ts'
import type {
  IntegratorKeysetReader,
  IntegratorWriter,
  ManagedIntegrator,
  ManagedIntegratorSecret,
} from '../integrators/ports.ts'
import type { WorkspaceId } from '../workspaces/workspace.ts'
import type { Database } from './schema.ts'
import { insertSigningSecret, sealSigningSecret } from './signing-secret-rows.ts'

const noPlatforms = { web: false, ios: false, android: false }

export function integratorsRepository(db: Kysely<Database>): IntegratorWriter {
  const undeleted = () => db.selectFrom('integrators').selectAll().where('deleted_at', 'is', null)
  const withSecrets = async (row: Row | undefined) => {
    if (!row) return null
    const secrets = await secretsOf(db, [row.id])
    return toManaged(row, secrets.get(row.id) ?? [])
  }

  return {
    async find(workspaceId, id) {
      return withSecrets(
        await undeleted().where('workspace_id', '=', workspaceId).where('id', '=', id).executeTakeFirst(),
      )
    },

    async findByKey(key) {
      return withSecrets(await undeleted().where('key', '=', key).executeTakeFirst())
    },

    async page(workspaceId, { createdUntilMs }, after, limit) {
      const rows = await undeleted()
        .where('workspace_id', '=', workspaceId)
        .$if(createdUntilMs !== null, (query) =>
          // Relies on the index `signing_secrets_of_integrator`.
          query.where(({ exists, selectFrom }) =>
            exists(
              selectFrom('signing_secrets')
                .select('signing_secrets.id')
                .whereRef('signing_secrets.integrator_id', '=', 'integrators.id')
                .where('signing_secrets.deleted_at', 'is', null)
                .where('signing_secrets.expires_at', 'is', null)
                .where('signing_secrets.created_at', '<=', createdUntilMs),
            ),
          ),
        )
        .$if(after !== null, (query) => query.where('sequence', '>', Number(after)))
        .orderBy('sequence')
        .limit(limit)
        .execute()
      const ids = rows.map((row) => row.id)
      const secrets = ids.length === 0 ? new Map<string, ManagedIntegratorSecret[]>() : await secretsOf(db, ids)
      return rows.map((row) => ({ ...toManaged(row, secrets.get(row.id) ?? []), cursor: String(row.sequence) }))
    },

    async deletedAtEpoch(workspaceId, id) {
      const row = await db
        .selectFrom('integrators')
        .select('revoked_epoch')
        .where('workspace_id', '=', workspaceId)
        .where('id', '=', id)
        .executeTakeFirst()
      return row?.revoked_epoch ?? null
    },

    async hasAny(workspaceId) {
      const row = await undeleted().where('workspace_id', '=', workspaceId).limit(1).executeTakeFirst()
      return row !== undefined
    },

    async insert({ id, key, workspaceId, name, createdAtMs, createdBy }) {
      await db
        .insertInto('integrators')
        .values({ id, key, workspace_id: workspaceId, name, created_at: createdAtMs, created_by: createdBy })
        .execute()
    },

    insertSecret: ({ id, workspaceId, name }, secret) =>
      insertSigningSecret(db, { ...secret, workspaceId, integratorId: id, name, platforms: noPlatforms }),

    setSealedMaterial: (workspaceId, id, sealed) => sealSigningSecret(db, { workspaceId, id, sealed }),

    // The guard is the concurrency control: of two regenerations at once, one finds a row.
    async retireCurrent(integratorId, secretId, expiresAtMs) {
      const { numUpdatedRows } = await db
        .updateTable('signing_secrets')
        .set({ expires_at: expiresAtMs })
        .where('integrator_id', '=', integratorId)
        .where('id', '=', Number(secretId))
        .where('expires_at', 'is', null)
        .where('deleted_at', 'is', null)
        .executeTakeFirstOrThrow()
      return numUpdatedRows === 1n
    },

    async deleteSecrets(integratorId, which, { atMs, by, epoch }) {
      const rows = await db
        .updateTable('signing_secrets')
        .set({ deleted_at: atMs, deleted_by: by, revoked_epoch: epoch })
        .where('integrator_id', '=', integratorId)
        .where('deleted_at', 'is', null)
        .$if(which === 'ended', (update) => update.where('expires_at', '<=', atMs))
        .returning('id')
        .execute()
      return rows.map(({ id }) => String(id))
    },

    async markDeleted(workspaceId, id, { atMs, by, epoch }) {
      const { numUpdatedRows } = await db
        .updateTable('integrators')
        .set({ deleted_at: atMs, deleted_by: by, revoked_epoch: epoch })
        .where('workspace_id', '=', workspaceId)
        .where('id', '=', id)
        .where('deleted_at', 'is', null)
        .executeTakeFirstOrThrow()
      return numUpdatedRows === 1n
    },
  }
}

export function integratorKeysetsRepository(db: Kysely<Database>): IntegratorKeysetReader {
  return {
    /** One statement: keyset and epoch are of one snapshot. Relies on the index `signing_secrets_of_integrator`. */
    async load(key) {
      const rows = await db
        .selectFrom('revocation_epoch as e')
        .leftJoin('integrators as i', (join) => join.on('i.key', '=', key).on('i.deleted_at', 'is', null))
        .leftJoin('signing_secrets as s', (join) =>
          join.onRef('s.integrator_id', '=', 'i.id').on('s.deleted_at', 'is', null).on('s.disabled_at', 'is', null),
        )
        .select(['e.value as epoch', 'i.id', 'i.workspace_id', 'i.name'])
        .select(['s.id as secretId', 's.sealed', 's.fingerprint', 's.expires_at'])
        .orderBy('s.id')
        .execute()
      const [first] = rows
      if (!first) throw new Error('the epoch row is missing')
      const { epoch, id, workspace_id, name } = first
      if (id === null || workspace_id === null || name === null) return { epoch, integrator: null }
      const secrets = rows.flatMap(({ secretId, sealed, fingerprint, expires_at }) =>
        secretId === null || sealed === null || fingerprint === null
          ? []
          : [{ id: String(secretId), sealed, fingerprint, acceptedFromMs: null, expiresAtMs: expires_at }],
      )
      // Sound: only ids made by randomId are inserted.
      const integrator = { id: id as IntegratorId, key, workspaceId: workspace_id as WorkspaceId, name }
      return { epoch, integrator: { ...integrator, secrets } }
    },
  }
}

/** The undeleted secrets of each of these integrators. */
async function secretsOf(
  db: Kysely<Database>,
  ids: readonly string[],
): Promise<Map<string, ManagedIntegratorSecret[]>> {
  const rows = await db
    .selectFrom('signing_secrets')
    .select(['id', 'integrator_id', 'fingerprint', 'created_at', 'expires_at'])
    .where('integrator_id', 'in', ids)
    .where('deleted_at', 'is', null)
    .orderBy('id')
    .execute()
  const secrets = new Map<string, ManagedIntegratorSecret[]>()
  for (const { id, integrator_id, fingerprint, created_at, expires_at } of rows) {
    const owner = integrator_id ?? ''
    const ofOwner = secrets.get(owner) ?? []
    ofOwner.push({
      ...{ id: String(id), fingerprint, createdAtMs: created_at },
      ...{ acceptedFromMs: null, expiresAtMs: expires_at },
    })
    secrets.set(owner, ofOwner)
  }
  return secrets
}

type Row = Selectable<Database['integrators']>

function toManaged(row: Row, secrets: readonly ManagedIntegratorSecret[]): ManagedIntegrator {
  return {
    id: row.id as IntegratorId, // sound, with the two below: only ids made by randomId are inserted
    key: row.key as IntegratorKey,
    workspaceId: row.workspace_id as WorkspaceId,
    name: row.name,
    createdAtMs: row.created_at,
    createdBy: row.created_by,
    secrets,
  }
}
