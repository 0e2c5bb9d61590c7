import { setImmediate as nextTurn } from 'node:timers/promises'
import { type Kysely, type SqlBool, SqliteAdapter, sql } from 'kysely'
import type { SourceRow, UsageWriter } from '../usage/ports.ts'
import { changesChannel, reportsWanted } from './postgres-notifications.ts'
import type { Database } from './schema.ts'
import { usageReader } from './usage-reader.ts'

/** In one statement. Between two of them verifications have their turn: SQLite works on their thread. */
const rowsAtOnce = 100

export function usageRepository(db: Kysely<Database>): UsageWriter {
  return { ...usageReader(db), ...writer(db), ...reports(db), ...pruner(db) }
}

type Writer = Pick<
  UsageWriter,
  'lastUses' | 'addUses' | 'addCounts' | 'addPauses' | 'addSources' | 'addOutcomes' | 'crowdedSources' | 'removeSources'
>

function writer(db: Kysely<Database>): Writer {
  return {
    async lastUses(secretIds) {
      const found = new Map<number, number>()
      await inChunks(secretIds, async (ids) => {
        const rows = await db
          .selectFrom('secret_uses')
          .select(['secret_id', 'last_at'])
          .where('secret_id', 'in', ids)
          .execute()
        for (const { secret_id, last_at } of rows) found.set(secret_id, last_at)
      })
      return found
    },

    async addUses(rows) {
      await inChunks(rows, async (chunk) => {
        await db
          .insertInto('secret_uses')
          .values(chunk.map((row) => ({ secret_id: row.secretId, first_at: row.firstMs, last_at: row.lastMs })))
          .onConflict((conflict) =>
            conflict.column('secret_id').doUpdateSet({
              first_at: smaller('secret_uses.first_at', 'excluded.first_at'),
              last_at: larger('secret_uses.last_at', 'excluded.last_at'),
            }),
          )
          .execute()
      })
    },

    async addCounts(rows) {
      await inChunks(rows, async (chunk) => {
        await db
          .insertInto('usage_counts')
          .values(
            chunk.map(({ secretId, spanMinutes, startMs, platform, count }) => ({
              ...{ secret_id: secretId, span_minutes: spanMinutes, start: startMs },
              ...{ platform, count },
            })),
          )
          .onConflict((conflict) =>
            conflict
              .columns(['secret_id', 'span_minutes', 'start', 'platform'])
              .doUpdateSet({ count: sum('usage_counts.count', 'excluded.count') }),
          )
          .execute()
      })
    },

    async addPauses(rows) {
      await inChunks(rows, async (chunk) => {
        await db
          .insertInto('usage_pauses')
          .values(chunk.map((row) => ({ secret_id: row.secretId, day: row.dayMs, longest_ms: row.longestMs })))
          .onConflict((conflict) =>
            conflict
              .columns(['secret_id', 'day'])
              .doUpdateSet({ longest_ms: larger('usage_pauses.longest_ms', 'excluded.longest_ms') }),
          )
          .execute()
      })
    },

    async addSources(rows) {
      await inChunks(rows, async (chunk) => {
        await db
          .insertInto('usage_sources')
          .values(
            chunk.map(({ secretId, source, count, lastSeenMs }) => ({
              ...{ secret_id: secretId, source },
              ...{ count, last_seen_at: lastSeenMs },
            })),
          )
          .onConflict((conflict) =>
            conflict.columns(['secret_id', 'source']).doUpdateSet({
              count: sum('usage_sources.count', 'excluded.count'),
              last_seen_at: larger('usage_sources.last_seen_at', 'excluded.last_seen_at'),
            }),
          )
          .execute()
      })
    },

    async addOutcomes(rows) {
      await inChunks(rows, async (chunk) => {
        await db
          .insertInto('verification_outcomes')
          .values(
            chunk.map(({ workspaceId, hourMs, platform, outcome, count }) => ({
              ...{ workspace_id: workspaceId, start: hourMs },
              ...{ platform, outcome, count },
            })),
          )
          .onConflict((conflict) =>
            conflict
              .columns(['workspace_id', 'start', 'platform', 'outcome'])
              .doUpdateSet({ count: sum('verification_outcomes.count', 'excluded.count') }),
          )
          .execute()
      })
    },

    async crowdedSources(secretIds, kept) {
      const found: SourceRow[] = []
      await inChunks(secretIds, async (ids) => {
        const crowded = db
          .selectFrom('usage_sources')
          .select('secret_id')
          .where('secret_id', 'in', ids)
          .where('source', '!=', '')
          .groupBy('secret_id')
          .having((eb) => eb(eb.fn.countAll<number>(), '>', kept))
        const rows = await db.selectFrom('usage_sources').selectAll().where('secret_id', 'in', crowded).execute()
        found.push(...rows.map(toSourceRow))
      })
      return found
    },

    async removeSources(secretId, sources) {
      const removed: SourceRow[] = []
      await inChunks(sources, async (chunk) => {
        const rows = await db
          .deleteFrom('usage_sources')
          .where('secret_id', '=', secretId)
          .where('source', 'in', chunk)
          .returningAll()
          .execute()
        removed.push(...rows.map(toSourceRow))
      })
      return removed
    },
  }
}

type Reports = Pick<
  UsageWriter,
  'askForReports' | 'report' | 'finishReport' | 'markEnded' | 'markAllEnded' | 'forgetReportsEndedBefore'
>

function reports(db: Kysely<Database>): Reports {
  const notifies = !(db.getExecutor().adapter instanceof SqliteAdapter)
  return {
    async askForReports() {
      if (notifies) await sql`select pg_notify(${changesChannel}, ${reportsWanted})`.execute(db)
    },

    // The guard: a batch whose commit was not heard of is not added for a second time.
    async report({ processId, nodeId, batch, countedUntilMs }) {
      const row = { node_id: nodeId, batch, counted_until: countedUntilMs, ended_at: null }
      const written = await db
        .insertInto('usage_reports')
        .values({ process_id: processId, ...row })
        .onConflict((conflict) =>
          conflict.column('process_id').doUpdateSet(row).where('usage_reports.batch', '<', batch),
        )
        .returning('process_id')
        .executeTakeFirst()
      return written !== undefined
    },

    async finishReport({ processId, nodeId }, atMs) {
      const row = { node_id: nodeId, counted_until: atMs, ended_at: atMs }
      await db.updateTable('usage_reports').set(row).where('process_id', '=', processId).execute()
    },

    async markEnded({ processId, nodeId }, endedAtMs) {
      await db
        .updateTable('usage_reports')
        .set({ ended_at: endedAtMs })
        .where('process_id', '=', processId)
        .where('node_id', '=', nodeId)
        .where('ended_at', 'is', null)
        .execute()
    },

    async markAllEnded(endedAtMs) {
      await db.updateTable('usage_reports').set({ ended_at: endedAtMs }).where('ended_at', 'is', null).execute()
    },

    async forgetReportsEndedBefore(ms, completeOnesMs) {
      await db
        .deleteFrom('usage_reports')
        .where((eb) =>
          eb.or([
            eb('ended_at', '<', ms),
            eb.and([eb('ended_at', '<', completeOnesMs), eb('counted_until', '>=', eb.ref('ended_at'))]),
          ]),
        )
        .execute()
    },
  }
}

type Pruner = Pick<UsageWriter, 'usedSecrets' | 'forgetUses' | 'forgetOutcomesBefore'>

function pruner(db: Kysely<Database>): Pruner {
  return {
    async usedSecrets(afterId, limit) {
      const rows = await db
        .selectFrom('secret_uses')
        .select('secret_id')
        .where('secret_id', '>', afterId)
        .orderBy('secret_id')
        .limit(limit)
        .execute()
      return rows.map(({ secret_id }) => secret_id)
    },

    /** Relies on the primary keys: one range of them for each secret. */
    async forgetUses(secretIds, { minutesMs, hoursMs, daysMs, pausesMs }) {
      const spans = [
        [1, minutesMs],
        [60, hoursMs],
        [1440, daysMs],
      ] as const
      await inChunks(secretIds, async (ids) => {
        for (const [spanMinutes, beforeMs] of spans) {
          await db
            .deleteFrom('usage_counts')
            .where('secret_id', 'in', ids)
            .where('span_minutes', '=', spanMinutes)
            .where('start', '<', beforeMs - spanMinutes * 60_000)
            .execute()
        }
        await db.deleteFrom('usage_pauses').where('secret_id', 'in', ids).where('day', '<', pausesMs).execute()
      })
    },

    async forgetOutcomesBefore(ms) {
      await db.deleteFrom('verification_outcomes').where('start', '<', ms).execute()
    },
  }
}

async function inChunks<Item>(items: readonly Item[], work: (chunk: readonly Item[]) => Promise<void>): Promise<void> {
  for (let from = 0; from < items.length; from += rowsAtOnce) {
    if (from > 0) await nextTurn()
    await work(items.slice(from, from + rowsAtOnce))
  }
}

function sum(a: string, b: string) {
  return sql<number>`${sql.ref(a)} + ${sql.ref(b)}`
}

/** Both engines have `case`; their functions for this have different names. */
function larger(a: string, b: string) {
  return chosen(sql`${sql.ref(a)} < ${sql.ref(b)}`, b, a)
}

function smaller(a: string, b: string) {
  return chosen(sql`${sql.ref(a)} > ${sql.ref(b)}`, b, a)
}

function chosen(condition: ReturnType<typeof sql<SqlBool>>, yes: string, no: string) {
  return sql<number>`case when ${condition} then ${sql.ref(yes)} else ${sql.ref(no)} end`
}

function toSourceRow(row: { secret_id: number; source: string; count: number; last_seen_at: number }): SourceRow {
  return { secretId: row.secret_id, source: row.source, count: row.count, lastSeenMs: row.last_seen_at }
}
