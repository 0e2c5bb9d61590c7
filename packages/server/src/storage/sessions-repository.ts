import type { Kysely, Selectable } from 'kysely'
import type { SessionWriter } from '../sessions/ports.ts'
import { type Session, type SessionId, sessionIdleMs } from '../sessions/session.ts'
import { toCredential } from './access-tokens-repository.ts'
import type { Database } from './schema.ts'

export function sessionsRepository(db: Kysely<Database>): SessionWriter {
  return {
    /** Relies on the index `sessions_key`. */
    async findByHash(hash) {
      const row = await db.selectFrom('sessions').selectAll().where('key_hash', '=', hash).executeTakeFirst()
      if (!row) return null
      const token = await db
        .selectFrom('access_tokens')
        .selectAll()
        .where('id', '=', row.token_id)
        .where('revoked_at', 'is', null)
        .executeTakeFirst()
      if (!token) return null
      const credential = toCredential(token)
      return { session: toSession(row, credential.tokenId), credential }
    },

    /** Relies on the index `sessions_of_token`. */
    async countLive(tokenId, nowMs) {
      const { live } = await db
        .selectFrom('sessions')
        .select((eb) => eb.fn.countAll<string | number>().as('live'))
        .where('token_id', '=', tokenId)
        .where('expires_at', '>', nowMs)
        .where('last_used_at', '>', nowMs - sessionIdleMs)
        .executeTakeFirstOrThrow()
      return Number(live)
    },

    async insert({ id, hash, tokenId, createdAtMs, expiresAtMs }) {
      const times = { created_at: createdAtMs, last_used_at: createdAtMs, expires_at: expiresAtMs }
      await db
        .insertInto('sessions')
        .values({ id, key_hash: hash, token_id: tokenId, ...times })
        .execute()
    },

    async end(id) {
      const { numDeletedRows } = await db.deleteFrom('sessions').where('id', '=', id).executeTakeFirstOrThrow()
      return numDeletedRows === 1n
    },

    async endOldest(tokenId, kept) {
      const newest = db
        .selectFrom('sessions')
        .select('id')
        .where('token_id', '=', tokenId)
        .orderBy('created_at', 'desc')
        .orderBy('id')
        .limit(kept)
      const rows = await db
        .deleteFrom('sessions')
        .where('token_id', '=', tokenId)
        .where('id', 'not in', newest)
        .returning('id')
        .execute()
      return rows.map(({ id }) => id as SessionId) // sound: only ids made by randomId are inserted
    },

    async recordUses(uses) {
      for (const { id, atMs } of uses) {
        await db
          .updateTable('sessions')
          .set({ last_used_at: atMs })
          .where('id', '=', id)
          .where('last_used_at', '<', atMs)
          .execute()
      }
    },

    async forgetEnded(nowMs) {
      await db
        .deleteFrom('sessions')
        .where((eb) => eb.or([eb('expires_at', '<=', nowMs), eb('last_used_at', '<=', nowMs - sessionIdleMs)]))
        .execute()
    },
  }
}

function toSession(row: Selectable<Database['sessions']>, tokenId: Session['tokenId']): Session {
  return {
    id: row.id as SessionId, // sound, as above
    tokenId,
    createdAtMs: row.created_at,
    lastUsedMs: row.last_used_at,
    expiresAtMs: row.expires_at,
  }
}
