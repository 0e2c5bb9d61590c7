import type { Enforcement } from '@cutover/contract'
import type { Kysely } from 'kysely'
import type { SettingsStore } from '../workspaces/ports.ts'
import type { Database } from './schema.ts'

export function settingsRepository(db: Kysely<Database>): SettingsStore {
  return {
    async find(workspaceId) {
      const row = await db
        .selectFrom('workspaces')
        .select(['enforcement_web', 'enforcement_ios', 'enforcement_android', 'max_age_days'])
        .where('id', '=', workspaceId)
        .where('deleted_at', 'is', null)
        .executeTakeFirst()
      if (!row) return null
      const enforcement = {
        web: row.enforcement_web as Enforcement, // sound, all three: only enforcements are written
        ios: row.enforcement_ios as Enforcement,
        android: row.enforcement_android as Enforcement,
      }
      return { enforcement, rotationPolicy: { maxAgeDays: row.max_age_days } }
    },

    async replace(workspaceId, { enforcement, rotationPolicy }) {
      await db
        .updateTable('workspaces')
        .set({
          enforcement_web: enforcement.web,
          enforcement_ios: enforcement.ios,
          enforcement_android: enforcement.android,
          max_age_days: rotationPolicy.maxAgeDays,
        })
        .where('id', '=', workspaceId)
        .where('deleted_at', 'is', null)
        .execute()
    },
  }
}
