import { LRUCache } from 'lru-cache'
import type { Cache, Change } from '../cluster/ports.ts'
import { VersionedLoads } from '../cluster/versioned-loads.ts'
import { DomainError } from '../domain-error.ts'
import type { LookupPool } from '../lookup-pool.ts'

/** How often a load may be overtaken by changes before the store counts as too busy to answer from. */
const maxAttempts = 8

/** Where keysets come from, and what makes one out of date. */
export interface KeysetSource<Key extends string, Stored extends { readonly epoch: number }, Held extends object> {
  /** One statement, so that keyset and epoch are of one moment. `held`: what is in memory and not out of date. */
  read(key: Key, held: Held | undefined): Promise<Stored>
  /** `null`: there is nothing of that name. */
  open(key: Key, stored: Stored, held: Held | undefined): Promise<Held | null>
  /** The keyset that a change makes out of date; `null`: none. */
  outdatedBy(change: Change): Key | 'all' | null
}

export interface KeysetCacheSettings {
  readonly maxKeysets: number
  /** The epoch up to which changes are applied on this node. */
  appliedEpoch(): number
}

/**
 * The keysets that are in use. A load that a change overtook is discarded and repeated, so that the cache never holds
 * what the feed has already told to be out of date.
 */
export class KeysetCache<Key extends string, Stored extends { readonly epoch: number }, Held extends object>
  implements Cache
{
  readonly #source: KeysetSource<Key, Stored, Held>
  readonly #lookups: LookupPool
  readonly #settings: KeysetCacheSettings
  readonly #keysets: LRUCache<Key, Held>
  readonly #running = new Map<Key, Promise<boolean>>()
  readonly #versions = new VersionedLoads()
  #hits = 0
  #misses = 0

  constructor(source: KeysetSource<Key, Stored, Held>, lookups: LookupPool, settings: KeysetCacheSettings) {
    this.#source = source
    this.#lookups = lookups
    this.#settings = settings
    // Not `max`: room for all of them would be set out at once, in each start.
    this.#keysets = new LRUCache({ maxSize: settings.maxKeysets, sizeCalculation: () => 1 })
  }

  /** How many are in memory. */
  get size(): number {
    return this.#keysets.size
  }

  /** How often `held` had a keyset, and how often it had none. */
  get lookups(): { readonly hits: number; readonly misses: number } {
    return { hits: this.#hits, misses: this.#misses }
  }

  /** The keyset in memory, for use before the next wait; `undefined` when it has to be loaded first. */
  held(key: Key): Held | undefined {
    const keyset = this.recall(key)
    if (!keyset) this.#misses += 1
    return keyset
  }

  /** As `held`, for those who ask `held` next where there is none: a look that came to nothing is then counted once. */
  recall(key: Key): Held | undefined {
    const keyset = this.#keysets.get(key)
    if (keyset) this.#hits += 1
    return keyset
  }

  /**
   * Resolves, with true, when the keyset was in memory a moment ago: read it with `held`, and load again if it has
   * gone. With false when there is none of that name.
   */
  async load(key: Key): Promise<boolean> {
    const running = this.#running.get(key)
    if (running) return running
    const load = this.#loadUntilCurrent(key).finally(() => this.#running.delete(key))
    this.#running.set(key, load)
    return load
  }

  apply(change: Change): void {
    const outdated = this.#source.outdatedBy(change)
    if (outdated === 'all') this.dropAll()
    else if (outdated !== null) this.#drop(outdated)
  }

  dropAll(): void {
    this.#keysets.clear()
    this.#versions.changedAll()
  }

  #drop(key: Key): void {
    this.#keysets.delete(key)
    this.#versions.changed(key)
  }

  async #loadUntilCurrent(key: Key): Promise<boolean> {
    for (let attempt = 1; attempt <= maxAttempts; attempt += 1) {
      const ticket = this.#versions.begin(key, this.#settings.appliedEpoch())
      try {
        const { epoch, keyset } = await this.#read(key)
        if (!this.#versions.accepts(ticket, epoch)) continue
        if (keyset) this.#keysets.set(key, keyset)
        return keyset !== null
      } finally {
        this.#versions.abandon(ticket)
      }
    }
    throw new DomainError('store_unavailable')
  }

  async #read(key: Key): Promise<{ readonly epoch: number; readonly keyset: Held | null }> {
    // A change that makes it out of date while this waits makes this load overtaken as well.
    const held = this.#keysets.get(key)
    const stored = await this.#lookups.run(() => this.#source.read(key, held))
    return { epoch: stored.epoch, keyset: await this.#source.open(key, stored, held) }
  }
}
