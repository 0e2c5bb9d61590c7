import type { Kysely } from 'kysely'
import { DomainError } from '../domain-error.ts'
import type { MasterKeyState, SealingKeys } from '../signing-secrets/ports.ts'
import type { Database } from './schema.ts'

/** By its check value a start knows whether it has the key of this name. */
export interface StoredMasterKey {
  readonly kid: string
  readonly checkValue: string
  readonly state: MasterKeyState
}

/** States change, and keys go, only in a transaction that holds the lock of the epoch: whoever seals holds it as well. */
export interface MasterKeysRepository extends SealingKeys {
  all(): Promise<readonly StoredMasterKey[]>
  /** Does nothing where there is one of this name already. */
  insert(key: StoredMasterKey, nowMs: number): Promise<void>
  setState(kid: string, state: MasterKeyState): Promise<void>
  delete(kid: string): Promise<void>
}

export function masterKeysRepository(db: Kysely<Database>): MasterKeysRepository {
  return {
    async sealingKeyId(keyIds) {
      const admitted = new Set(await keyIdsIn(db, ['admitted']))
      const kid = keyIds.find((each) => admitted.has(each))
      // Whoever registers has them all: only a node that was fenced since can lack every one.
      if (kid === undefined) throw new DomainError('lease_lost')
      return kid
    },

    async all() {
      // All columns, whichever there are: a start looks before it brings the schema up to date.
      const rows = await db.selectFrom('master_key_checks').selectAll().orderBy('created_at').orderBy('kid').execute()
      return rows.map((row) => ({
        kid: row.kid,
        checkValue: row.check_value,
        state: (row.state ?? 'admitted') as MasterKeyState, // sound: only states are written
      }))
    },

    async insert({ kid, checkValue, state }, nowMs) {
      await db
        .insertInto('master_key_checks')
        .values({ kid, check_value: checkValue, created_at: nowMs, state })
        .onConflict((conflict) => conflict.doNothing())
        .execute()
    },

    async setState(kid, state) {
      await db.updateTable('master_key_checks').set({ state }).where('kid', '=', kid).execute()
    },

    async delete(kid) {
      await db.deleteFrom('master_key_checks').where('kid', '=', kid).execute()
    },
  }
}

/** Something in the store may be sealed under each of these. */
export function neededKeyIds(db: Kysely<Database>): Promise<readonly string[]> {
  return keyIdsIn(db, ['admitted', 'retired'])
}

async function keyIdsIn(db: Kysely<Database>, states: readonly MasterKeyState[]): Promise<readonly string[]> {
  const rows = await db.selectFrom('master_key_checks').select('kid').where('state', 'in', states).execute()
  return rows.map(({ kid }) => kid)
}
