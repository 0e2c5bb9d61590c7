import type { Kysely } from 'kysely'
import type { IntegratorId } from '../integrators/integrator.ts'
import type { ConsumedSignatureWriter } from '../integrators/ports.ts'
import type { Database } from './schema.ts'

/** Others are found at the next turn. */
const expiredAtOnce = 10_000

export function consumedSignaturesRepository(db: Kysely<Database>): ConsumedSignatureWriter {
  return {
    // The primary key lets one of two in; the count beside the integrator bounds them without counting rows, and its row
    // lock lets one after the other.
    async consume({ integratorId, signature, expiresAtMs }, limit) {
      if (!(await countOneMore(db, integratorId, limit))) {
        return (await isConsumed(db, integratorId, signature)) ? 'replayed' : 'full'
      }
      const { numInsertedOrUpdatedRows } = await db
        .insertInto('consumed_signatures')
        .values({ integrator_id: integratorId, signature, expires_at: expiresAtMs })
        .onConflict((conflict) => conflict.doNothing())
        .executeTakeFirstOrThrow()
      if (numInsertedOrUpdatedRows === 1n) return 'consumed'
      await countLess(db, integratorId, 1)
      return 'replayed'
    },

    async forgetExpired(integratorId, nowMs) {
      // Locks in the order integrator, signatures, as `consume` does: two that forget must not wait for each other.
      await countLess(db, integratorId, 0)
      const { numDeletedRows } = await db
        .deleteFrom('consumed_signatures')
        .where('integrator_id', '=', integratorId)
        .where('expires_at', '<=', nowMs)
        .executeTakeFirstOrThrow()
      await countLess(db, integratorId, Number(numDeletedRows))
    },

    async firstExpiryMs(integratorId) {
      const row = await db
        .selectFrom('consumed_signatures')
        .select('expires_at')
        .where('integrator_id', '=', integratorId)
        .orderBy('expires_at')
        .limit(1)
        .executeTakeFirst()
      return row?.expires_at ?? null
    },

    async withExpired(nowMs) {
      // Relies on the index `consumed_signatures_expiry`: without the order SQLite walks over all that are remembered.
      const expired = db
        .selectFrom('consumed_signatures')
        .select('integrator_id')
        .where('expires_at', '<=', nowMs)
        .orderBy('expires_at')
        .limit(expiredAtOnce)
      const rows = await db.selectFrom(expired.as('expired')).select('integrator_id').distinct().execute()
      return rows.map((row) => row.integrator_id as IntegratorId) // sound: a foreign key to integrators
    },
  }
}

/** Whether there was room. */
async function countOneMore(db: Kysely<Database>, integratorId: string, limit: number): Promise<boolean> {
  const { numUpdatedRows } = await db
    .updateTable('integrators')
    .set((eb) => ({ consumed_signatures: eb('consumed_signatures', '+', 1) }))
    .where('id', '=', integratorId)
    .where('consumed_signatures', '<', limit)
    .executeTakeFirstOrThrow()
  return numUpdatedRows === 1n
}

async function countLess(db: Kysely<Database>, integratorId: string, count: number): Promise<void> {
  await db
    .updateTable('integrators')
    .set((eb) => ({ consumed_signatures: eb('consumed_signatures', '-', count) }))
    .where('id', '=', integratorId)
    .execute()
}

async function isConsumed(db: Kysely<Database>, integratorId: string, signature: string): Promise<boolean> {
  const row = await db
    .selectFrom('consumed_signatures')
    .select('integrator_id')
    .where('integrator_id', '=', integratorId)
    .where('signature', '=', signature)
    .executeTakeFirst()
  return row !== undefined
}
