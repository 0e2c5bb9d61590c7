import { type Kysely, sql } from 'kysely'
import type { CandidateReader, SealedCandidate } from '../verification/ports.ts'
import type { Database } from './schema.ts'

const triedDead = 20
const triedOfIntegrators = 100

const columns = ['s.id', 's.integrator_id', 's.sealed', 's.web', 's.ios', 's.android'] as const
const times = ['s.disabled_at', 's.enable_at', 's.expires_at', 's.deleted_at'] as const

/** What a signature may have been made with. */
export function candidatesRepository(db: Kysely<Database>): CandidateReader {
  const secrets = () =>
    db.selectFrom('signing_secrets as s').select(columns).select(times).where('sealed', 'is not', null)
  const ofUsers = (workspaceId: string) =>
    secrets().where('s.workspace_id', '=', workspaceId).where('s.integrator_id', 'is', null)

  // Relies on the index `signing_secrets_of_users`.
  const live = (workspaceId: string, nowMs: number) =>
    ofUsers(workspaceId)
      .where('s.deleted_at', 'is', null)
      .where((eb) => eb.or([eb('s.expires_at', 'is', null), eb('s.expires_at', '>', nowMs)]))

  // Relies on the indexes `signing_secrets_of_users` and `signing_secrets_deleted`.
  const dead = (workspaceId: string, nowMs: number) => {
    const expired = ofUsers(workspaceId)
      .where('s.deleted_at', 'is', null)
      .where('s.expires_at', '<=', nowMs)
      .orderBy('s.expires_at', 'desc')
      .limit(triedDead)
    const deleted = ofUsers(workspaceId)
      .where('s.deleted_at', 'is not', null)
      .orderBy('s.deleted_at', 'desc')
      .limit(triedDead)
    const both = db
      .selectFrom(expired.as('expired'))
      .selectAll()
      .unionAll(db.selectFrom(deleted.as('deleted')).selectAll())
    return db
      .selectFrom(both.as('both'))
      .selectAll()
      .orderBy(sql`coalesce(deleted_at, expires_at)`, 'desc')
      .orderBy('id', 'desc')
      .limit(triedDead)
  }

  // Relies on the indexes `integrators_listed` and `signing_secrets_of_integrator`.
  const ofIntegrators = (workspaceId: string) => {
    const newest = db
      .selectFrom('integrators')
      .select('id')
      .where('workspace_id', '=', workspaceId)
      .where('deleted_at', 'is', null)
      .orderBy('sequence', 'desc')
      .limit(triedOfIntegrators)
    return secrets()
      .innerJoin(newest.as('newest'), 'newest.id', 's.integrator_id')
      .where('s.deleted_at', 'is', null)
      .orderBy('s.id', 'desc')
      .limit(triedOfIntegrators)
  }

  return {
    async load(workspaceId, nowMs) {
      const rows = await live(workspaceId, nowMs)
        .unionAll(db.selectFrom(dead(workspaceId, nowMs).as('dead')).selectAll())
        .unionAll(db.selectFrom(ofIntegrators(workspaceId).as('of_integrators')).selectAll())
        .orderBy('id')
        .execute()
      return rows.map(toCandidate)
    },
  }
}

interface Row {
  readonly id: number
  readonly integrator_id: string | null
  readonly sealed: string | null
  readonly web: number
  readonly ios: number
  readonly android: number
  readonly disabled_at: number | null
  readonly enable_at: number | null
  readonly expires_at: number | null
  readonly deleted_at: number | null
}

function toCandidate(row: Row): SealedCandidate {
  if (row.sealed === null) throw new Error('only what has its material is a candidate')
  return {
    id: String(row.id),
    integratorId: row.integrator_id,
    sealed: row.sealed,
    platforms: { web: row.web === 1, ios: row.ios === 1, android: row.android === 1 },
    disabledAtMs: row.disabled_at,
    acceptedFromMs: row.enable_at,
    expiresAtMs: row.expires_at,
    deletedAtMs: row.deleted_at,
  }
}
