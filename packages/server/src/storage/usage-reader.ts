import type { UsagePlatform } from '@cutover/contract'
import { type ExpressionBuilder, type Kysely, sql } from 'kysely'
import type { BucketRange, TrackedSecret, UsageOwner, UsageReader } from '../usage/ports.ts'
import type { Database } from './schema.ts'

const dayMs = 86_400_000

export function usageReader(db: Kysely<Database>): UsageReader {
  // Dead or alive. Relies on the indexes `signing_secrets_of_workspace` and `signing_secrets_ever_of_integrator`.
  const ofOwner = ({ workspaceId, integratorId }: UsageOwner) =>
    db
      .selectFrom('signing_secrets as s')
      .where('s.workspace_id', '=', workspaceId)
      .where('s.integrator_id', integratorId === null ? 'is' : '=', integratorId)

  return {
    async tracked(owner, andId) {
      const rows = await ofOwner(owner)
        .where((eb) =>
          eb.or([eb('s.deleted_at', 'is', null), ...(andId === null ? [] : [eb('s.id', '=', Number(andId))])]),
        )
        .leftJoin('secret_uses as u', 'u.secret_id', 's.id')
        .select(['s.id', 's.fingerprint', 's.web', 's.ios', 's.android', 's.disabled_at', 's.enable_at'])
        .select(['s.expires_at', 's.deleted_at', 's.created_at', 's.tracked_since', 'u.last_at'])
        .orderBy('s.id')
        .execute()
      return rows.map(toTracked)
    },

    async fingerprints(owner) {
      const rows = await ofOwner(owner).select(['s.id', 's.fingerprint']).execute()
      return new Map(rows.map(({ id, fingerprint }) => [String(id), fingerprint]))
    },

    /** Relies on the primary key: one range of it for each secret, and of a single one in the order that is asked for. */
    async buckets(secretIds, { spanMinutes, fromMs, untilMs }) {
      if (secretIds.length === 0) return []
      const rows = await db
        .selectFrom('usage_counts')
        .select(['secret_id', 'start', 'platform', 'count'])
        .$if(secretIds.length === 1, (query) => query.where('secret_id', '=', Number(secretIds[0])))
        .$if(secretIds.length > 1, (query) => query.where('secret_id', 'in', secretIds.map(Number)))
        .where('span_minutes', '=', spanMinutes)
        .where('start', '>=', fromMs)
        .where('start', '<', untilMs)
        .orderBy('start')
        .orderBy('platform')
        .$if(secretIds.length > 1, (query) => query.orderBy('secret_id'))
        .execute()
      return rows.map(({ secret_id, start, platform, count }) => ({
        secretId: String(secret_id),
        startMs: start,
        platform: platform as UsagePlatform, // sound: only platforms are written
        count,
      }))
    },

    async sums(secretIds, ranges) {
      if (secretIds.length === 0) return []
      return sumsWhere(db, ranges, (eb) => eb('secret_id', 'in', secretIds.map(Number)))
    },

    async sumsOfAll(owner, ranges) {
      return sumsWhere(db, ranges, (eb) => eb('secret_id', 'in', ofOwner(owner).select('s.id')))
    },

    async longestPauseMs(secretIds, sinceMs) {
      if (secretIds.length === 0) return 0
      const row = await db
        .selectFrom('usage_pauses')
        .select((eb) => eb.fn.max('longest_ms').as('longestMs'))
        .where('secret_id', 'in', secretIds.map(Number))
        .where('day', '>=', sinceMs - (sinceMs % dayMs))
        .executeTakeFirst()
      return row?.longestMs ?? 0
    },

    async sources(secretIds) {
      if (secretIds.length === 0) return []
      const rows = await db
        .selectFrom('usage_sources')
        .select((eb) => ['source', eb.fn.sum<number>('count').as('uses'), eb.fn.max('last_seen_at').as('lastSeenMs')])
        .where('secret_id', 'in', secretIds.map(Number))
        .groupBy('source')
        .orderBy('lastSeenMs', 'desc')
        .orderBy('uses', 'desc')
        .orderBy('source', 'desc')
        .execute()
      return rows.map(({ source, uses, lastSeenMs }) => ({
        source: source === '' ? null : source,
        count: Number(uses),
        lastSeenMs,
      }))
    },

    async lastUseMs(secretIds) {
      if (secretIds.length === 0) return null
      const row = await db
        .selectFrom('secret_uses')
        .select((eb) => eb.fn.max('last_at').as('lastMs'))
        .where('secret_id', 'in', secretIds.map(Number))
        .executeTakeFirst()
      return row?.lastMs ?? null
    },

    /** Relies on the index `audit_log_by_resource`. */
    async enabledAtMs(workspaceId, secretId) {
      const row = await db
        .selectFrom('audit_log')
        .select('timestamp')
        .where('chain', '=', workspaceId)
        .where('resource_id', '=', secretId)
        .where('resource_type', '=', 'identity_secret')
        .where('action', '=', 'identity_secret.enabled')
        .where('result', '=', 'success')
        .orderBy('timestamp', 'desc')
        .limit(1)
        .executeTakeFirst()
      return row?.timestamp ?? null
    },

    async reports() {
      const rows = await db.selectFrom('usage_reports').selectAll().execute()
      return rows.map((row) => ({
        processId: row.process_id,
        nodeId: row.node_id,
        countedUntilMs: row.counted_until,
        endedAtMs: row.ended_at,
      }))
    },
  }
}

type OfCounts = ExpressionBuilder<Database, 'usage_counts'>

async function sumsWhere(
  db: Kysely<Database>,
  ranges: readonly BucketRange[],
  ofSecrets: (eb: OfCounts) => ReturnType<OfCounts['or']>,
) {
  const rows = await db
    .selectFrom('usage_counts')
    .select((eb) => ['platform', eb.fn.sum<number>('count').as('uses')])
    .where(ofSecrets)
    .where((eb) =>
      eb.or(
        ranges.map(({ spanMinutes, fromMs, untilMs }) =>
          eb.and([eb('span_minutes', '=', spanMinutes), eb('start', '>=', fromMs), eb('start', '<', untilMs)]),
        ),
      ),
    )
    .groupBy('platform')
    .orderBy(sql`min(platform)`)
    .execute()
  // Sound: only platforms are written.
  return rows.map(({ platform, uses }) => ({ platform: platform as UsagePlatform, count: Number(uses) }))
}

interface TrackedRow {
  id: number
  fingerprint: string
  web: number
  ios: number
  android: number
  disabled_at: number | null
  enable_at: number | null
  expires_at: number | null
  deleted_at: number | null
  created_at: number
  tracked_since: number | null
  last_at: number | null
}

function toTracked(row: TrackedRow): TrackedSecret {
  return {
    id: String(row.id),
    fingerprint: row.fingerprint,
    platforms: { web: row.web === 1, ios: row.ios === 1, android: row.android === 1 },
    disabledAtMs: row.disabled_at,
    acceptedFromMs: row.enable_at,
    expiresAtMs: row.expires_at,
    deletedAtMs: row.deleted_at,
    trackedSinceMs: row.tracked_since ?? row.created_at,
    lastUseMs: row.last_at,
  }
}
