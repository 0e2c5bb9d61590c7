import type { Kysely } from 'kysely'

/**
 * Which master keys may seal. A release that does not know of it seals with a key as soon as it has remembered it:
 * what it inserts is admitted, and so is what is there.
 */
export function sealingKeys() {
  return {
    async up(db: Kysely<unknown>): Promise<void> {
      await db.schema
        .alterTable('master_key_checks')
        .addColumn('state', 'text', (column) => column.notNull().defaultTo('admitted'))
        .execute()
    },
  }
}
