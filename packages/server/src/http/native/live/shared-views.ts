import { setTimeout as pause } from 'node:timers/promises'
import type { LookupPool } from '../../../lookup-pool.ts'

/** Told each view; `null`: it could not be made just now. `gone`: there is nothing to view any more. */
export type Watcher<View> = (view: View | null | 'gone') => void

interface Subject<View> {
  readonly watchers: Set<Watcher<View>>
  last: View | null | 'gone'
}

export interface SharedViewsPorts {
  readonly everyMs: number
  /** However many subjects are watched, so many are made at once. */
  readonly pool: LookupPool
}

/**
 * Makes a view again and again while somebody watches its subject, once for all who do: how many they are costs the
 * store nothing, and while nobody is there it is not asked.
 */
export class SharedViews<View> {
  readonly #ports: SharedViewsPorts
  readonly #subjects = new Map<string, Subject<View>>()

  constructor(ports: SharedViewsPorts) {
    this.#ports = ports
  }

  /** How many subjects are watched, or were until a moment ago. */
  get size(): number {
    return this.#subjects.size
  }

  /** @param make - of the first who watches this subject; the same for all @returns what ends it */
  watch(subject: string, watcher: Watcher<View>, make: () => Promise<View | 'gone'>): () => void {
    const known = this.#subjects.get(subject)
    const watched = known ?? { watchers: new Set(), last: null }
    watched.watchers.add(watcher)
    if (known) {
      if (known.last !== null) watcher(known.last)
    } else {
      this.#subjects.set(subject, watched)
      void this.#keepMaking(subject, watched, make)
    }
    return () => watched.watchers.delete(watcher)
  }

  async #keepMaking(subject: string, watched: Subject<View>, make: () => Promise<View | 'gone'>): Promise<void> {
    while (watched.watchers.size > 0) {
      watched.last = await this.#ports.pool.run(make).catch(() => null)
      for (const watcher of [...watched.watchers]) watcher(watched.last)
      await pause(this.#ports.everyMs, undefined, { ref: false })
    }
    this.#subjects.delete(subject)
  }
}
