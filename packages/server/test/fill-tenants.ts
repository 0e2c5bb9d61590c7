import { type Kysely, sql } from 'kysely'
import type { Database } from '../src/storage/schema.ts'

/** Workspaces of many customers, and all that a server keeps of each. */
export interface Tenants {
  readonly workspaces: number
  readonly secretsEach: number
  /** For a row that has this very id. */
  seal(place: { readonly workspaceId: string; readonly id: string }): Sealed
}

interface Sealed {
  readonly sealed: string
  readonly fingerprint: string
}

const rowsAtOnce = 500
const minuteMs = 60_000
const hourMs = 60 * minuteMs
const dayMs = 24 * hourMs

/** Of the `index`th, from 1 on: in no order, as ids are that are drawn. */
export function filledWorkspaceId(index: number): string {
  return `ws_Filled${10 ** 13 + ((index * 48_271) % 2_147_483_647)}`
}

/**
 * Into a store that the server has made and nobody uses. The secrets are inserted with the material that `seal` gives;
 * everything else is of the shape and size that the server writes, made in the store itself: hashes are of nothing.
 *
 * @returns the id of the first secret; those of one workspace follow each other, and so do workspaces
 */
export async function fillTenants(db: Kysely<Database>, tenants: Tenants, nowMs: number): Promise<number> {
  await insertWorkspaces(db, tenants.workspaces, nowMs)
  const firstId = await insertSecrets(db, tenants, nowMs)
  await insertAuditEntries(db, firstId)
  await insertUses(db, firstId, nowMs)
  await insertTokens(db, nowMs)
  await insertIntegrators(db, nowMs)
  await insertKeptAnswers(db, nowMs)
  return firstId
}

async function insertWorkspaces(db: Kysely<Database>, workspaces: number, nowMs: number): Promise<void> {
  await sql`
    with recursive n(i) as (select 1 union all select i + 1 from n where i < ${sql.lit(workspaces)})
    insert into workspaces (id, name, created_at)
    select
      'ws_Filled' || cast(10000000000000 + cast(i as bigint) * 48271 % 2147483647 as text),
      'Customer ' || cast(i as text),
      ${sql.lit(nowMs - dayMs)}
    from n`.execute(db)
}

async function insertSecrets(db: Kysely<Database>, tenants: Tenants, nowMs: number): Promise<number> {
  const firstId = (await lastSecretId(db)) + 1
  const count = tenants.workspaces * tenants.secretsEach
  for (let from = 0; from < count; from += rowsAtOnce) {
    const rows = Array.from({ length: Math.min(rowsAtOnce, count - from) }, (_, index) =>
      secretRow(tenants, from + index, String(firstId + from + index), nowMs),
    )
    await db.insertInto('signing_secrets').values(rows).execute()
  }
  if ((await lastSecretId(db)) !== firstId + count - 1) throw new Error('the ids of the secrets have gaps')
  return firstId
}

async function lastSecretId(db: Kysely<Database>): Promise<number> {
  const { last } = await db
    .selectFrom('signing_secrets')
    .select((eb) => eb.fn.max('id').as('last'))
    .executeTakeFirstOrThrow()
  // Not every driver makes a number of PostgreSQL's int8.
  return Number(last ?? 0)
}

function secretRow({ secretsEach, seal }: Tenants, index: number, id: string, nowMs: number) {
  const workspaceId = filledWorkspaceId(Math.floor(index / secretsEach) + 1)
  return {
    workspace_id: workspaceId,
    name: 'Production',
    ...{ web: 1, ios: 1, android: 1 },
    ...seal({ workspaceId, id }),
    created_at: nowMs - dayMs,
    created_by: 'tok_00000000000000000000',
    tracked_since: nowMs - dayMs,
  }
}

const someHash = 'f'.repeat(64)

async function insertAuditEntries(db: Kysely<Database>, firstId: number): Promise<void> {
  await sql`
    insert into audit_log (
      chain, sequence, timestamp, action, actor_type, actor_id, actor_name, resource_type, resource_id, result, metadata,
      request_id, ip, previous_hash, hash)
    select
      workspace_id, row_number() over (partition by workspace_id order by id), created_at, 'identity_secret.created',
      'access_token', created_by, 'First token', 'identity_secret', cast(id as text), 'success',
      '{"fingerprint":"' || fingerprint || '","name":"Production","platforms":{"android":true,"ios":true,"web":true}}',
      '00000000-0000-4000-8000-000000000000', '127.0.0.1', ${sql.lit(someHash)}, ${sql.lit(someHash)}
    from signing_secrets where id >= ${sql.lit(firstId)}`.execute(db)
  await sql`
    insert into audit_heads (chain, size, hash)
    select workspace_id, count(*), ${sql.lit(someHash)}
    from signing_secrets where id >= ${sql.lit(firstId)} group by workspace_id`.execute(db)
}

/** Each was used an hour ago, from one source. */
async function insertUses(db: Kysely<Database>, firstId: number, nowMs: number): Promise<void> {
  const atMs = nowMs - hourMs
  const ofEach = (columns: string, values: string) =>
    sql`insert into ${sql.raw(columns)} select ${sql.raw(values)} from signing_secrets where id >= ${sql.lit(firstId)}`
  const start = (lengthMs: number) => atMs - (atMs % lengthMs)
  await ofEach('secret_uses (secret_id, first_at, last_at)', `id, ${atMs}, ${atMs}`).execute(db)
  for (const [minutes, lengthMs] of [
    [1, minuteMs],
    [60, hourMs],
    [1440, dayMs],
  ] as const) {
    const columns = 'usage_counts (secret_id, span_minutes, start, platform, count)'
    await ofEach(columns, `id, ${minutes}, ${start(lengthMs)}, 'web', 1`).execute(db)
  }
  await ofEach('usage_pauses (secret_id, day, longest_ms)', `id, ${start(dayMs)}, ${hourMs}`).execute(db)
  await ofEach('usage_sources (secret_id, source, count, last_seen_at)', `id, 'backend/1.4.2', 1, ${atMs}`).execute(db)
  await sql`
    insert into verification_outcomes (workspace_id, start, platform, outcome, count)
    select id, ${sql.lit(start(hourMs))}, 'web', 'verified', 1 from workspaces where name like 'Customer %'`.execute(db)
}

/** One workspace of ten has a token of its own, and somebody who is signed in with it. */
async function insertTokens(db: Kysely<Database>, nowMs: number): Promise<void> {
  const time = sql.lit(nowMs - hourMs)
  await sql`
    insert into access_tokens (id, workspace_id, name, token_hash, scopes, created_at, created_by)
    select replace(id, 'ws_', 'tok_'), id, 'Backend', 'hash of ' || id, '["verify"]', ${time}, 'tok_00000000000000000000'
    from workspaces where sequence % 10 = 0`.execute(db)
  await sql`
    insert into access_token_uses (token_id, scope, last_used_at)
    select id, 'verify', ${time} from access_tokens where name = 'Backend'`.execute(db)
  await sql`
    insert into sessions (id, key_hash, token_id, created_at, last_used_at, expires_at)
    select replace(id, 'tok_', 'ses_'), 'key of ' || id, id, ${time}, ${time}, ${sql.lit(nowMs + dayMs)}
    from access_tokens where name = 'Backend'`.execute(db)
}

/** One workspace of ten has an integrator, of whom one signature was consumed. */
async function insertIntegrators(db: Kysely<Database>, nowMs: number): Promise<void> {
  const time = sql.lit(nowMs - hourMs)
  await sql`
    insert into integrators (id, key, workspace_id, name, created_at, created_by, consumed_signatures)
    select replace(id, 'ws_', 'itg_'), replace(id, 'ws_', 'int_'), id, 'Partner', ${time}, 'tok_00000000000000000000', 1
    from workspaces where sequence % 10 = 1 and name like 'Customer %'`.execute(db)
  await sql`
    insert into signing_secrets (
      workspace_id, integrator_id, name, web, ios, android, fingerprint, sealed, created_at, created_by, tracked_since)
    select workspace_id, id, 'Partner', 0, 0, 0, 'sha256:0000000000000000', 'opened by nobody', ${time}, created_by, ${time}
    from integrators where name = 'Partner'`.execute(db)
  await sql`
    insert into consumed_signatures (integrator_id, signature, expires_at)
    select id, ${sql.lit(someHash)}, ${sql.lit(nowMs + hourMs)} from integrators where name = 'Partner'`.execute(db)
}

async function insertKeptAnswers(db: Kysely<Database>, nowMs: number): Promise<void> {
  await sql`
    insert into kept_answers (
      token_id, workspace_id, method, path, idempotency_key, body_hash, sealed_answer, subject, epoch, created_at, expires_at)
    select
      replace(id, 'ws_', 'tok_'), id, 'POST', '/v1/identity-secrets', '00000000-0000-4000-8000-000000000000',
      ${sql.lit(someHash)}, ${sql.lit('x'.repeat(1000))}, 'identity_secret ' || id, 1, ${sql.lit(nowMs - minuteMs)},
      ${sql.lit(nowMs + minuteMs)}
    from workspaces where sequence % 10 = 0`.execute(db)
}
