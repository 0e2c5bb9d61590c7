import type { Cache, ChangeReader } from './ports.ts'

/**
 * Applies changes to the caches of this node, in order and without gaps. Own changes come the same way as those of
 * other processes, so that there is one place where memory follows the store.
 */
export class ChangeFeed {
  readonly #reader: ChangeReader
  readonly #caches: readonly Cache[]
  #applied = 0
  #running: Promise<void> | undefined

  constructor(reader: ChangeReader, caches: readonly Cache[]) {
    this.#reader = reader
    this.#caches = caches
  }

  /** The epoch up to which the caches hold nothing that is out of date. */
  get applied(): number {
    return this.#applied
  }

  /** Resolves once everything up to `epoch` is applied. */
  async reach(epoch: number): Promise<void> {
    while (this.#applied < epoch) {
      // The read under way may be enough; one that fails is made again.
      if (this.#running) await this.#running.catch(() => {})
      else await this.catchUp()
    }
  }

  /** Applies what the store holds at a moment after this call. */
  async catchUp(): Promise<void> {
    // A read under way may have taken its snapshot before this call: it is waited for, and another follows.
    const before = this.#running
    if (before) await before.catch(() => {})
    this.#running ??= this.#readAndApply().finally(() => {
      this.#running = undefined
    })
    await this.#running
  }

  /** Forgets everything held in memory; what is asked for next is loaded anew. */
  dropAll(): void {
    for (const cache of this.#caches) cache.dropAll()
  }

  async #readAndApply(): Promise<void> {
    const { current, changes } = await this.#reader.since(this.#applied)
    if (isGapless(this.#applied, current, changes)) {
      for (const change of changes) for (const cache of this.#caches) cache.apply(change)
    } else {
      this.dropAll()
    }
    this.#applied = current
  }
}

function isGapless(applied: number, current: number, changes: readonly { readonly epoch: number }[]): boolean {
  if (changes.length !== current - applied) return false
  return changes.every((change, index) => change.epoch === applied + index + 1)
}
