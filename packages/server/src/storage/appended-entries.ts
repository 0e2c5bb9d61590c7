import type { AuditEntry } from '../audit/audit-entry.ts'

export interface AppendedEntry {
  readonly chain: string
  readonly entry: AuditEntry
}

/** The entries of one transaction, for as long as it is not known whether they stay. */
export interface EntryBatch {
  add(appended: AppendedEntry): void
  close(isCommitted: boolean): void
}

interface Waiting {
  readonly appended: AppendedEntry
  isCommitted: boolean | null
}

/**
 * Hands on the entries that were committed, in the order in which they were appended, which is that of their numbers:
 * the answer to a commit can overtake the answer to the commit before it. An entry whose commit has an unknown outcome
 * is not handed on.
 */
export class AppendedEntries {
  readonly #listener: (appended: AppendedEntry) => void
  readonly #waiting: Waiting[] = []

  /** @param listener - must not throw */
  constructor(listener: (appended: AppendedEntry) => void) {
    this.#listener = listener
  }

  open(): EntryBatch {
    const ours: Waiting[] = []
    return {
      add: (appended) => {
        const waiting = { appended, isCommitted: null }
        ours.push(waiting)
        this.#waiting.push(waiting)
      },
      close: (isCommitted) => {
        for (const each of ours) each.isCommitted = isCommitted
        this.#handOn()
      },
    }
  }

  #handOn(): void {
    for (let first = this.#waiting[0]; first && first.isCommitted !== null; first = this.#waiting[0]) {
      this.#waiting.shift()
      if (first.isCommitted) this.#listener(first.appended)
    }
  }
}
