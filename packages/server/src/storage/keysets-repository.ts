import type { Enforcement } from '@cutover/contract'
import type { Kysely } from 'kysely'
import type { KeysetReader, SealedSecret } from '../verification/ports.ts'
import type { Database } from './schema.ts'

export function keysetsRepository(db: Kysely<Database>): KeysetReader {
  return {
    /** One statement: keyset and epoch are of one snapshot. Relies on the index `signing_secrets_of_users`. */
    async load(workspaceId, nowMs) {
      const rows = await db
        .selectFrom('revocation_epoch as e')
        .leftJoin('workspaces as w', (join) => join.on('w.id', '=', workspaceId).on('w.deleted_at', 'is', null))
        .leftJoin('signing_secrets as s', (join) =>
          join
            .onRef('s.workspace_id', '=', 'w.id')
            .on('s.integrator_id', 'is', null)
            .on('s.deleted_at', 'is', null)
            .on((eb) => eb.or([eb('s.disabled_at', 'is', null), eb('s.enable_at', 'is not', null)]))
            .on((eb) => eb.or([eb('s.expires_at', 'is', null), eb('s.expires_at', '>', nowMs)])),
        )
        .select(['e.value as epoch', 'w.id as workspaceId'])
        .select(['w.enforcement_web', 'w.enforcement_ios', 'w.enforcement_android'])
        .select(['s.id as secretId', 's.sealed', 's.web', 's.ios', 's.android', 's.enable_at', 's.expires_at'])
        .orderBy('s.id')
        .execute()
      const [first] = rows
      if (!first) throw new Error('the epoch row is missing')
      if (first.workspaceId === null) return { epoch: first.epoch, workspace: null }
      const enforcement = {
        web: first.enforcement_web as Enforcement, // sound, all three: only enforcements are written
        ios: first.enforcement_ios as Enforcement,
        android: first.enforcement_android as Enforcement,
      }
      return { epoch: first.epoch, workspace: { enforcement, secrets: rows.flatMap(toSealedSecret) } }
    },
  }
}

interface KeysetRow {
  secretId: number | null
  sealed: string | null
  web: number | null
  ios: number | null
  android: number | null
  enable_at: number | null
  expires_at: number | null
}

/** None for the one row that a workspace without secrets yields. */
function toSealedSecret(row: KeysetRow): SealedSecret[] {
  if (row.secretId === null || row.sealed === null) return []
  const platforms = { web: row.web === 1, ios: row.ios === 1, android: row.android === 1 }
  const window = { acceptedFromMs: row.enable_at, expiresAtMs: row.expires_at }
  return [{ id: String(row.secretId), sealed: row.sealed, platforms, ...window }]
}
