import { type Kysely, sql } from 'kysely'
import type { IdempotentRequest } from '../idempotency/idempotent-request.ts'
import type { MaterialPlace } from '../signing-secrets/ports.ts'
import type { Database } from './schema.ts'

/** Ids of secrets, half-open: after the one, up to the other. */
export interface IdWindow {
  readonly after: number
  readonly until: number
}

export interface SealedMaterial {
  readonly place: MaterialPlace
  readonly sealed: string
}

export interface SealedAnswer {
  readonly request: IdempotentRequest
  readonly sealed: string
}

/** How many values are sealed at all, and how many of them begin with each of the asked beginnings, in their order. */
export interface SealedCount {
  readonly total: number
  readonly beginning: readonly number[]
}

/**
 * Everything that is sealed, whatever state it is in: dead secrets have material, too. Which master key sealed a value
 * shows in how the value begins.
 */
export interface SealedRowsRepository {
  lastSecretId(): Promise<number>
  countSecrets(window: IdWindow, beginnings: readonly string[]): Promise<SealedCount>
  countAnswers(beginnings: readonly string[]): Promise<SealedCount>
  /** Those that do not begin with `beginning`. */
  otherSecrets(window: IdWindow, beginning: string): Promise<readonly SealedMaterial[]>
  /** At most `limit`, after the first `skip` of them. */
  otherAnswers(beginning: string, skip: number, limit: number): Promise<readonly SealedAnswer[]>
  /** Each only as long as it is what was read: `false`, when somebody has destroyed or replaced it meanwhile. */
  replaceSecret(read: SealedMaterial, sealed: string): Promise<boolean>
  replaceAnswer(read: SealedAnswer, sealed: string): Promise<boolean>
  replaceAuditKey(read: string, sealed: string): Promise<boolean>
}

export function sealedRowsRepository(db: Kysely<Database>): SealedRowsRepository {
  const secretsIn = ({ after, until }: IdWindow) =>
    db.selectFrom('signing_secrets').where('id', '>', after).where('id', '<=', until).where('sealed', 'is not', null)
  const answers = () => db.selectFrom('kept_answers').where('sealed_answer', 'is not', null)

  return {
    async lastSecretId() {
      const { last } = await db
        .selectFrom('signing_secrets')
        .select((eb) => eb.fn.max('id').as('last'))
        .executeTakeFirstOrThrow()
      return last ?? 0
    },

    async countSecrets(window, beginnings) {
      const row = await secretsIn(window)
        .select((eb) => eb.fn.countAll<number>().as('total'))
        .select(beginnings.map((beginning, index) => countOf('sealed', beginning).as(String(index))))
        .executeTakeFirstOrThrow()
      return toCount(row, beginnings)
    },

    async countAnswers(beginnings) {
      const row = await answers()
        .select((eb) => eb.fn.countAll<number>().as('total'))
        .select(beginnings.map((beginning, index) => countOf('sealed_answer', beginning).as(String(index))))
        .executeTakeFirstOrThrow()
      return toCount(row, beginnings)
    },

    async otherSecrets(window, beginning) {
      const rows = await secretsIn(window)
        .select(['id', 'workspace_id', 'integrator_id', 'sealed'])
        .where(start('sealed', beginning), '<>', beginning)
        .orderBy('id')
        .execute()
      return rows.flatMap(({ id, workspace_id, integrator_id, sealed }) => {
        const use = integrator_id === null ? 'identity_secret' : 'integrator_secret'
        return sealed === null ? [] : [{ place: { use, workspaceId: workspace_id, id: String(id) }, sealed }]
      })
    },

    async otherAnswers(beginning, skip, limit) {
      const rows = await answers()
        .selectAll()
        .where(start('sealed_answer', beginning), '<>', beginning)
        .orderBy('token_id')
        .orderBy('workspace_id')
        .orderBy('method')
        .orderBy('path')
        .orderBy('idempotency_key')
        .offset(skip)
        .limit(limit)
        .execute()
      return rows.flatMap(({ sealed_answer: sealed, ...row }) =>
        sealed === null ? [] : [{ request: toRequest(row), sealed }],
      )
    },

    async replaceSecret({ place, sealed: read }, sealed) {
      const { numUpdatedRows } = await db
        .updateTable('signing_secrets')
        .set({ sealed })
        .where('workspace_id', '=', place.workspaceId)
        .where('id', '=', Number(place.id))
        .where('sealed', '=', read)
        .executeTakeFirstOrThrow()
      return numUpdatedRows === 1n
    },

    async replaceAnswer({ request, sealed: read }, sealed) {
      const { numUpdatedRows } = await db
        .updateTable('kept_answers')
        .set({ sealed_answer: sealed })
        .where('token_id', '=', request.tokenId)
        .where('workspace_id', '=', request.workspaceId)
        .where('method', '=', request.method)
        .where('path', '=', request.path)
        .where('idempotency_key', '=', request.key)
        .where('sealed_answer', '=', read)
        .executeTakeFirstOrThrow()
      return numUpdatedRows === 1n
    },

    async replaceAuditKey(read, sealed) {
      const { numUpdatedRows } = await db
        .updateTable('audit_signing_key')
        .set({ sealed })
        .where('sealed', '=', read)
        .executeTakeFirstOrThrow()
      return numUpdatedRows === 1n
    },
  }
}

type SealedColumn = 'sealed' | 'sealed_answer'

/** As long as `beginning` is. Not LIKE, to which `_` is any character. */
function start(column: SealedColumn, beginning: string) {
  return sql<string>`substr(${sql.ref(column)}, 1, ${sql.lit(beginning.length)})`
}

function countOf(column: SealedColumn, beginning: string) {
  return sql<number | null>`sum(case when ${start(column, beginning)} = ${beginning} then 1 else 0 end)`
}

function toCount(row: Readonly<Record<string, unknown>>, beginnings: readonly string[]): SealedCount {
  return { total: Number(row['total']), beginning: beginnings.map((_, index) => Number(row[index] ?? 0)) }
}

interface AnswerPlace {
  readonly token_id: string
  readonly workspace_id: string
  readonly method: string
  readonly path: string
  readonly idempotency_key: string
  readonly body_hash: string
}

function toRequest(row: AnswerPlace): IdempotentRequest {
  return {
    tokenId: row.token_id,
    workspaceId: row.workspace_id,
    method: row.method,
    path: row.path,
    key: row.idempotency_key,
    bodyHash: row.body_hash,
  }
}
