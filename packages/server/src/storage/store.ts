import { setTimeout as pause } from 'node:timers/promises'
import { type Kysely, sql } from 'kysely'
import type { TallyReader } from '../metrics/ports.ts'
import { accessTokensRepository } from './access-tokens-repository.ts'
import { AppendedEntries, type AppendedEntry, type EntryBatch } from './appended-entries.ts'
import { auditKeysRepository } from './audit-keys-repository.ts'
import { auditRepository } from './audit-repository.ts'
import { candidatesRepository } from './candidates-repository.ts'
import { consumedSignaturesRepository } from './consumed-signatures-repository.ts'
import { demoRepository } from './demo-repository.ts'
import { epochRepository } from './epoch-repository.ts'
import { identitySecretsRepository } from './identity-secrets-repository.ts'
import { integratorKeysetsRepository, integratorsRepository } from './integrators-repository.ts'
import { keptAnswersRepository } from './kept-answers-repository.ts'
import { keysetsRepository } from './keysets-repository.ts'
import { masterKeysRepository } from './master-keys-repository.ts'
import { metricsRepository } from './metrics-repository.ts'
import { nodesRepository } from './nodes-repository.ts'
import { outcomesRepository } from './outcomes-repository.ts'
import { rollbackRepository } from './rollback-repository.ts'
import type { Database } from './schema.ts'
import { sealedRowsRepository } from './sealed-rows-repository.ts'
import { sessionsRepository } from './sessions-repository.ts'
import { settingsRepository } from './settings-repository.ts'
import { StoreConflict } from './store-failure.ts'
import { usageRepository } from './usage-repository.ts'
import { workspacesRepository } from './workspaces-repository.ts'

const retryForMs = 5000
const longestPauseMs = 100

/** Every repository over one connection: inside a transaction, all over that transaction's. */
function repositories(db: Kysely<Database>, batch?: EntryBatch) {
  return {
    accessTokens: accessTokensRepository(db),
    audit: auditRepository(db, batch),
    auditKeys: auditKeysRepository(db),
    candidates: candidatesRepository(db),
    consumedSignatures: consumedSignaturesRepository(db),
    demo: demoRepository(db),
    epoch: epochRepository(db),
    identitySecrets: identitySecretsRepository(db),
    integratorKeysets: integratorKeysetsRepository(db),
    integrators: integratorsRepository(db),
    keptAnswers: keptAnswersRepository(db),
    keysets: keysetsRepository(db),
    masterKeys: masterKeysRepository(db),
    nodes: nodesRepository(db),
    outcomes: outcomesRepository(db),
    rollback: rollbackRepository(db),
    sealedRows: sealedRowsRepository(db),
    sessions: sessionsRepository(db),
    settings: settingsRepository(db),
    usage: usageRepository(db),
    workspaces: workspacesRepository(db),
  }
}

export type Repositories = ReturnType<typeof repositories>

/** The store as use cases see it, whatever engine is below. */
export class Store {
  /** For single statements outside a transaction. */
  readonly read: Repositories & { readonly metrics: TallyReader }
  readonly #db: Kysely<Database>
  readonly #appended: AppendedEntries

  /** @param onAppended - told each audit entry once it is committed, in order; must not throw */
  constructor(db: Kysely<Database>, onAppended: (appended: AppendedEntry) => void = () => {}) {
    this.#db = db
    this.#appended = new AppendedEntries(onAppended)
    this.read = { ...repositories(db), metrics: metricsRepository(db) }
  }

  /**
   * Commits when `work` returns and rolls back when it throws. Runs it again, after a pause outside the store, when
   * somebody else held a lock for too long; `work` must do nothing that a rollback does not undo.
   */
  async transaction<Result>(work: (tx: Repositories) => Promise<Result>): Promise<Result> {
    const giveUpAt = performance.now() + retryForMs
    for (;;) {
      try {
        return await this.#attempt(work)
      } catch (error) {
        if (!(error instanceof StoreConflict) || performance.now() > giveUpAt) throw error
        await pause(Math.random() * longestPauseMs)
      }
    }
  }

  async #attempt<Result>(work: (tx: Repositories) => Promise<Result>): Promise<Result> {
    const batch = this.#appended.open()
    let isCommitted = false
    try {
      const result = await this.#db.transaction().execute((tx) => work(repositories(tx, batch)))
      isCommitted = true
      return result
    } finally {
      batch.close(isCommitted)
    }
  }

  /** Resolves when the store answers. */
  async ping(): Promise<void> {
    await sql`select 1`.execute(this.#db)
  }

  async close(): Promise<void> {
    await this.#db.destroy()
  }
}
