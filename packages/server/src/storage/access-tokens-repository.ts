import type { Environment, Scope } from '@cutover/contract'
import type { Kysely, Selectable } from 'kysely'
import type { AccessToken, AccessTokenId, Credential } from '../access-tokens/access-token.ts'
import type { AccessTokenReader, AccessTokenWriter, TokenUseWriter, UsedScope } from '../access-tokens/ports.ts'
import type { WorkspaceId } from '../workspaces/workspace.ts'
import type { Database } from './schema.ts'

const usesAtOnce = 500

type AccessTokensRepository = AccessTokenReader & AccessTokenWriter & TokenUseWriter

export function accessTokensRepository(db: Kysely<Database>): AccessTokensRepository {
  return { ...reader(db), ...writer(db), ...uses(db) }
}

function reader(db: Kysely<Database>): AccessTokenReader {
  return {
    async findByHash(hash) {
      const row = await db
        .selectFrom('access_tokens')
        .selectAll()
        .where('token_hash', '=', hash)
        .where('revoked_at', 'is', null)
        .executeTakeFirst()
      return row ? toCredential(row) : null
    },

    async isLive(id, nowMs) {
      const row = await db
        .selectFrom('access_tokens')
        .select('id')
        .where('id', '=', id)
        .where('revoked_at', 'is', null)
        .where((eb) => eb.or([eb('expires_at', 'is', null), eb('expires_at', '>', nowMs)]))
        .executeTakeFirst()
      return row !== undefined
    },

    async findAnywhere(id) {
      const row = await db.selectFrom('access_tokens').selectAll().where('id', '=', id).executeTakeFirst()
      return row ? toAccessToken(row) : null
    },

    async find(id, { workspaceId, withInstanceTokens }) {
      const row = await db
        .selectFrom('access_tokens')
        .selectAll()
        .where('id', '=', id)
        .where((eb) =>
          eb.or([
            ...(workspaceId === null ? [] : [eb('workspace_id', '=', workspaceId)]),
            ...(withInstanceTokens ? [eb('workspace_id', 'is', null)] : []),
          ]),
        )
        .executeTakeFirst()
      return row ? toAccessToken(row) : null
    },

    /** Relies on the index `access_tokens_listed`. */
    async page(workspaceId, { nowMs, createdUntilMs }, after, limit) {
      const rows = await db
        .selectFrom('access_tokens')
        .selectAll()
        .where('workspace_id', workspaceId === null ? 'is' : '=', workspaceId)
        .where('revoked_at', 'is', null)
        .$if(createdUntilMs !== null, (query) =>
          query
            .where('created_at', '<=', createdUntilMs)
            .where((eb) => eb.or([eb('expires_at', 'is', null), eb('expires_at', '>', nowMs)])),
        )
        .$if(after !== null, (query) => query.where('sequence', '>', Number(after)))
        .orderBy('sequence')
        .limit(limit)
        .execute()
      const used = await usesOf(
        db,
        rows.map(({ id }) => id),
      )
      return rows.map((row) => ({
        ...toAccessToken(row),
        cursor: String(row.sequence),
        lastUsedMs: used.get(row.id) ?? new Map<UsedScope, number>(),
      }))
    },
  }
}

async function usesOf(db: Kysely<Database>, ids: readonly string[]): Promise<Map<string, Map<UsedScope, number>>> {
  const byToken = new Map<string, Map<UsedScope, number>>()
  if (ids.length === 0) return byToken
  const rows = await db.selectFrom('access_token_uses').selectAll().where('token_id', 'in', ids).execute()
  for (const { token_id, scope, last_used_at } of rows) {
    const ofToken = byToken.get(token_id) ?? new Map<UsedScope, number>()
    ofToken.set(scope as UsedScope, last_used_at) // sound: only used scopes are recorded
    byToken.set(token_id, ofToken)
  }
  return byToken
}

function writer(db: Kysely<Database>): AccessTokenWriter {
  return {
    async insert(token) {
      await db
        .insertInto('access_tokens')
        .values({
          id: token.id,
          workspace_id: token.workspaceId,
          name: token.name,
          token_hash: token.hash,
          scopes: JSON.stringify(token.scopes),
          environment: token.environment,
          created_at: token.createdAtMs,
          created_by: token.createdBy,
          parent_id: token.parentId,
          rotated_by: token.rotatedBy,
          expires_at: token.expiresAtMs,
          successor_id: null,
          revoked_at: null,
          revoked_epoch: null,
        })
        .execute()
    },

    // The guard is the concurrency control: of two rotations at once, one finds a row.
    async retire(id, { successorId, endMs, nowMs }) {
      const { numUpdatedRows } = await db
        .updateTable('access_tokens')
        .set((eb) => ({
          successor_id: successorId,
          expires_at: eb
            .case()
            .when(eb.or([eb('expires_at', 'is', null), eb('expires_at', '>', endMs)]))
            .then(eb.lit(endMs))
            .else(eb.ref('expires_at'))
            .end(),
        }))
        .where('id', '=', id)
        .where('successor_id', 'is', null)
        .where('revoked_at', 'is', null)
        .where((eb) => eb.or([eb('expires_at', 'is', null), eb('expires_at', '>', nowMs)]))
        .executeTakeFirstOrThrow()
      return numUpdatedRows === 1n
    },

    async passOnDescendants(from, to) {
      await db.updateTable('access_tokens').set({ parent_id: to }).where('parent_id', '=', from).execute()
      await db.updateTable('access_tokens').set({ rotated_by: to }).where('rotated_by', '=', from).execute()
    },

    async parentOf(id) {
      const row = await db.selectFrom('access_tokens').select('parent_id').where('id', '=', id).executeTakeFirst()
      return (row?.parent_id ?? null) as AccessTokenId | null // sound: only ids of tokens are written
    },

    async childrenOf(ids) {
      const rows = await db
        .selectFrom('access_tokens')
        .select('id')
        .where((eb) => eb.or([eb('parent_id', 'in', ids), eb('rotated_by', 'in', ids)]))
        .execute()
      return rows.map(({ id }) => id as AccessTokenId) // sound: only ids made by randomId are inserted
    },

    async revoke(id, { atMs, epoch }) {
      const { numUpdatedRows } = await db
        .updateTable('access_tokens')
        .set({ revoked_at: atMs, revoked_epoch: epoch })
        .where('id', '=', id)
        .where('revoked_at', 'is', null)
        .executeTakeFirstOrThrow()
      return numUpdatedRows === 1n
    },

    async revokeAllOf(workspaceId, { atMs, epoch }) {
      const rows = await db
        .updateTable('access_tokens')
        .set({ revoked_at: atMs, revoked_epoch: epoch })
        .where('workspace_id', '=', workspaceId)
        .where('revoked_at', 'is', null)
        .returning('id')
        .execute()
      return rows.map(({ id }) => id as AccessTokenId) // sound, as above
    },

    async revokedAtEpoch(id) {
      const row = await db.selectFrom('access_tokens').select('revoked_epoch').where('id', '=', id).executeTakeFirst()
      return row?.revoked_epoch ?? null
    },
  }
}

function uses(db: Kysely<Database>): TokenUseWriter {
  return {
    /** A statement for many at once: on SQLite each costs an fsync. */
    async record(all) {
      for (let start = 0; start < all.length; start += usesAtOnce) {
        const rows = all.slice(start, start + usesAtOnce)
        await db
          .insertInto('access_token_uses')
          .values(rows.map(({ tokenId, scope, atMs }) => ({ token_id: tokenId, scope, last_used_at: atMs })))
          .onConflict((conflict) =>
            conflict
              .columns(['token_id', 'scope'])
              .doUpdateSet((eb) => ({ last_used_at: eb.ref('excluded.last_used_at') }))
              .whereRef('access_token_uses.last_used_at', '<', 'excluded.last_used_at'),
          )
          .execute()
      }
    },
  }
}

type AccessTokenRow = Selectable<Database['access_tokens']>

/** Sound, each `as`: only values of these types are ever inserted, by `insert` above. */
export function toCredential(row: AccessTokenRow): Credential {
  return {
    tokenId: row.id as AccessTokenId,
    tokenName: row.name,
    workspaceId: row.workspace_id as WorkspaceId | null,
    scopes: new Set(JSON.parse(row.scopes) as Scope[]),
    environment: row.environment as Environment | null,
    expiresAtMs: row.expires_at,
  }
}

function toAccessToken(row: AccessTokenRow): AccessToken {
  return {
    ...toCredential(row),
    createdAtMs: row.created_at,
    createdBy: row.created_by,
    successorId: row.successor_id as AccessTokenId | null,
    revokedAtMs: row.revoked_at,
  }
}
