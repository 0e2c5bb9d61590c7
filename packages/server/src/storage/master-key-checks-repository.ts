import type { Kysely } from 'kysely'
import type { Database } from './schema.ts'

export interface MasterKeyCheck {
  readonly kid: string
  readonly checkValue: string
}

export interface MasterKeyChecksRepository {
  all(): Promise<readonly MasterKeyCheck[]>
  insert(check: MasterKeyCheck, nowMs: number): Promise<void>
}

export function masterKeyChecksRepository(db: Kysely<Database>): MasterKeyChecksRepository {
  return {
    async all() {
      const rows = await db.selectFrom('master_key_checks').select(['kid', 'check_value']).execute()
      return rows.map(({ kid, check_value }) => ({ kid, checkValue: check_value }))
    },

    async insert({ kid, checkValue }, nowMs) {
      // Another node may have remembered the same key just now.
      await db
        .insertInto('master_key_checks')
        .values({ kid, check_value: checkValue, created_at: nowMs })
        .onConflict((conflict) => conflict.doNothing())
        .execute()
    },
  }
}
