import { type Kysely, sql } from 'kysely'
import { accessTokensRepository } from './access-tokens-repository.ts'
import { auditRepository } from './audit-repository.ts'
import { epochRepository } from './epoch-repository.ts'
import { identitySecretsRepository } from './identity-secrets-repository.ts'
import { keptAnswersRepository } from './kept-answers-repository.ts'
import { keysetsRepository } from './keysets-repository.ts'
import { masterKeyChecksRepository } from './master-key-checks-repository.ts'
import type { Database } from './schema.ts'
import { StoreConflict } from './store-failure.ts'
import { workspacesRepository } from './workspaces-repository.ts'

const retryForMs = 2000
const longestPauseMs = 100

/** Every repository over one connection: inside a transaction, all over that transaction's. */
function repositories(db: Kysely<Database>) {
  return {
    accessTokens: accessTokensRepository(db),
    audit: auditRepository(db),
    epoch: epochRepository(db),
    identitySecrets: identitySecretsRepository(db),
    keptAnswers: keptAnswersRepository(db),
    keysets: keysetsRepository(db),
    masterKeyChecks: masterKeyChecksRepository(db),
    workspaces: workspacesRepository(db),
  }
}

export type Repositories = ReturnType<typeof repositories>

/** The store as use cases see it, whatever engine is below. */
export class Store {
  /** For single statements outside a transaction. */
  readonly read: Repositories
  readonly #db: Kysely<Database>

  constructor(db: Kysely<Database>) {
    this.#db = db
    this.read = repositories(db)
  }

  /**
   * Commits when `work` returns and rolls back when it throws. Runs it again, after a pause outside the store, when
   * somebody else held a lock for too long; `work` must do nothing that a rollback does not undo.
   */
  async transaction<Result>(work: (tx: Repositories) => Promise<Result>): Promise<Result> {
    const giveUpAt = performance.now() + retryForMs
    for (;;) {
      try {
        return await this.#db.transaction().execute((tx) => work(repositories(tx)))
      } catch (error) {
        if (!(error instanceof StoreConflict) || performance.now() > giveUpAt) throw error
        await pause(Math.random() * longestPauseMs)
      }
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

function pause(milliseconds: number): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, milliseconds)
  })
}
