import type { Kysely } from 'kysely'
import type { AuditKeyStore } from '../audit/ports.ts'
import type { Database } from './schema.ts'

export function auditKeysRepository(db: Kysely<Database>): AuditKeyStore {
  return {
    async find() {
      const row = await db.selectFrom('audit_signing_key').select(['kid', 'sealed']).executeTakeFirst()
      return row ?? null
    },

    async insertFirst({ kid, sealed }, nowMs) {
      await db
        .insertInto('audit_signing_key')
        .values({ id: 1, kid, sealed, created_at: nowMs })
        .onConflict((conflict) => conflict.column('id').doNothing())
        .execute()
    },
  }
}
