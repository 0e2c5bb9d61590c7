import type { Kysely } from 'kysely'
import type { IdempotentRequest } from '../idempotency/idempotent-request.ts'
import type { KeptAnswerStore } from '../idempotency/ports.ts'
import type { Database } from './schema.ts'

export interface KeptAnswersRepository extends KeptAnswerStore {
  deleteExpired(nowMs: number): Promise<void>
}

export function keptAnswersRepository(db: Kysely<Database>): KeptAnswersRepository {
  return {
    async find(request, nowMs) {
      const row = await db
        .selectFrom('kept_answers')
        .select(['body_hash', 'sealed_answer', 'epoch'])
        .where((eb) => eb.and(place(request)))
        .where('expires_at', '>', nowMs)
        .executeTakeFirst()
      return row ? { bodyHash: row.body_hash, sealedAnswer: row.sealed_answer, epoch: row.epoch } : null
    },

    async keep(request, { sealedAnswer, subject, epoch }, { createdAtMs, expiresAtMs }) {
      const answer = {
        body_hash: request.bodyHash,
        sealed_answer: sealedAnswer,
        subject,
        epoch,
        created_at: createdAtMs,
        expires_at: expiresAtMs,
      }
      // What stands in the place already has expired: `find` came first, under the lock on the epoch.
      await db
        .insertInto('kept_answers')
        .values({ ...place(request), ...answer })
        .onConflict((conflict) =>
          conflict.columns(['token_id', 'workspace_id', 'method', 'path', 'idempotency_key']).doUpdateSet(answer),
        )
        .execute()
    },

    async destroyAnswersShowing(subject) {
      await db.updateTable('kept_answers').set({ sealed_answer: null }).where('subject', '=', subject).execute()
    },

    async destroyAnswersTo(tokenId) {
      await db.updateTable('kept_answers').set({ sealed_answer: null }).where('token_id', '=', tokenId).execute()
    },

    async destroyAnswersIn(workspaceId) {
      // Relies on the index `kept_answers_workspace`.
      await db
        .updateTable('kept_answers')
        .set({ sealed_answer: null })
        .where('workspace_id', '=', workspaceId)
        .where('sealed_answer', 'is not', null)
        .execute()
    },

    async deleteExpired(nowMs) {
      await db.deleteFrom('kept_answers').where('expires_at', '<=', nowMs).execute()
    },
  }
}

function place(request: IdempotentRequest) {
  return {
    token_id: request.tokenId,
    workspace_id: request.workspaceId,
    method: request.method,
    path: request.path,
    idempotency_key: request.key,
  }
}
