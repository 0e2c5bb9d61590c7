import { setImmediate as turn } from 'node:timers/promises'
import { type Kysely, type RawBuilder, SqliteAdapter, sql } from 'kysely'
import type { LiveState, SecretKind, SecretTally, TallyReader } from '../metrics/ports.ts'
import type { Database } from './schema.ts'

const dayMs = 86_400_000

/**
 * At a time. SQLite reads in this very thread: between two slices others get their turn. PostgreSQL ends a statement that
 * takes too long, however many secrets there are.
 */
const sliceRows = { sqlite: 1000, postgres: 50_000 } as const

/** Rows by their number, which is in the order of their making: after the first, up to the second. */
type Slice = readonly [after: number, upTo: number]

/** Over the store itself, not inside a transaction. */
export function metricsRepository(db: Kysely<Database>): TallyReader {
  const isSqlite = db.getExecutor().adapter instanceof SqliteAdapter
  const rows = isSqlite ? sliceRows.sqlite : sliceRows.postgres
  // In a transaction, for its bound on the time of a statement.
  const tally = (live: RawBuilder<unknown>, nowMs: number) =>
    isSqlite ? tallied(db, live, nowMs) : db.transaction().execute((tx) => tallied(tx, live, nowMs))
  return {
    async liveSecrets(nowMs) {
      let total: readonly SecretTally[] = []
      for (const live of await slices(db, nowMs, rows)) {
        total = added(total, await tally(live, nowMs))
        await turn()
      }
      return total
    },
  }
}

async function slices(db: Kysely<Database>, nowMs: number, rows: number): Promise<readonly RawBuilder<unknown>[]> {
  const { secrets, tokens } = await db
    .selectNoFrom((eb) => [
      eb
        .selectFrom('signing_secrets')
        .select(({ fn }) => fn.max('id').as('last'))
        .as('secrets'),
      eb
        .selectFrom('access_tokens')
        .select(({ fn }) => fn.max('sequence').as('last'))
        .as('tokens'),
    ])
    .executeTakeFirstOrThrow()
  return [
    ...slicesUpTo(secrets ?? 0, rows).map((slice) => liveSigningSecrets(nowMs, slice)),
    ...slicesUpTo(tokens ?? 0, rows).map((slice) => liveAccessTokens(nowMs, slice)),
  ]
}

function slicesUpTo(last: number, rows: number): Slice[] {
  return Array.from({ length: Math.ceil(last / rows) }, (_, at) => [at * rows, (at + 1) * rows])
}

function added(total: readonly SecretTally[], more: readonly SecretTally[]): readonly SecretTally[] {
  const isOf = (a: SecretTally) => (b: SecretTally) => a.kind === b.kind && a.state === b.state
  const sum = (a: SecretTally, b: SecretTally | undefined): SecretTally =>
    b
      ? { ...a, count: a.count + b.count, overdue: a.overdue + b.overdue, oldestMs: Math.min(a.oldestMs, b.oldestMs) }
      : a
  const fresh = more.filter((each) => !total.some(isOf(each)))
  return [...total.map((each) => sum(each, more.find(isOf(each)))), ...fresh]
}

/** Of an integrator's secrets only the current one can be overdue: the others are on their way out. */
function liveSigningSecrets(nowMs: number, [after, upTo]: Slice): RawBuilder<unknown> {
  return sql`
    select
      case when s.integrator_id is null then 'identity_secret' else 'integrator_secret' end as kind,
      case
        when s.disabled_at is not null and (s.enable_at is null or s.enable_at > ${nowMs}) then 'disabled'
        when s.expires_at is not null then 'retiring'
        when s.integrator_id is null then 'active'
        else 'current'
      end as state,
      s.created_at,
      case when s.integrator_id is null or s.expires_at is null then w.max_age_days end as max_age_days
    from signing_secrets s
    join workspaces w on w.id = s.workspace_id
    where s.id > ${after} and s.id <= ${upTo}
      and s.deleted_at is null and (s.expires_at is null or s.expires_at > ${nowMs})`
}

/** Those of the instance belong to no workspace, and no policy says how old they may be. */
function liveAccessTokens(nowMs: number, [after, upTo]: Slice): RawBuilder<unknown> {
  return sql`
    select
      'access_token' as kind,
      case when t.successor_id is null then 'active' else 'retiring' end as state,
      t.created_at,
      w.max_age_days
    from access_tokens t
    left join workspaces w on w.id = t.workspace_id
    where t.sequence > ${after} and t.sequence <= ${upTo}
      and t.revoked_at is null and (t.expires_at is null or t.expires_at > ${nowMs})`
}

interface TallyRow {
  readonly kind: SecretKind
  readonly state: LiveState
  readonly count: number
  readonly overdue: number
  readonly oldest: number
}

async function tallied(db: Kysely<Database>, live: RawBuilder<unknown>, nowMs: number): Promise<SecretTally[]> {
  const { rows } = await sql<TallyRow>`
    select
      kind,
      state,
      count(*) as count,
      sum(case when created_at <= ${nowMs} - max_age_days * ${dayMs} then 1 else 0 end) as overdue,
      min(created_at) as oldest
    from (${live}) as live
    group by kind, state`.execute(db)
  return rows.map(({ oldest, ...tally }) => ({ ...tally, oldestMs: oldest }))
}
