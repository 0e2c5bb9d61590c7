import type { Platform } from '@cutover/contract'
import type { Kysely } from 'kysely'
import type { OutcomeReader } from '../workspaces/ports.ts'
import type { Database } from './schema.ts'

const hourMs = 3_600_000

export function outcomesRepository(db: Kysely<Database>): OutcomeReader {
  return {
    /** By whole hours: that in which `sinceMs` lies counts whole. */
    async countsSince(workspaceId, sinceMs) {
      const rows = await db
        .selectFrom('verification_outcomes')
        .select(['platform', 'outcome', (eb) => eb.fn.sum<string | number>('count').as('count')])
        .where('workspace_id', '=', workspaceId)
        .where('start', '>=', Math.floor(sinceMs / hourMs) * hourMs)
        .groupBy(['platform', 'outcome'])
        .execute()
      // Sound: only platforms are written. PostgreSQL adds up to a numeric, which comes as text.
      return rows.map((row) => ({ ...row, platform: row.platform as Platform, count: Number(row.count) }))
    },

    /** Relies on the primary key. */
    async hourly(workspaceId, { fromMs, toMs }) {
      const rows = await db
        .selectFrom('verification_outcomes')
        .select(['start', 'platform', 'outcome', 'count'])
        .where('workspace_id', '=', workspaceId)
        .where('start', '>=', Math.floor(fromMs / hourMs) * hourMs)
        .where('start', '<', toMs)
        .orderBy('start')
        .orderBy('platform')
        .orderBy('outcome')
        .execute()
      return rows.map(({ start, platform, outcome, count }) => ({
        ...{ hourMs: start, outcome, count },
        platform: platform as Platform, // sound, as above
      }))
    },
  }
}
