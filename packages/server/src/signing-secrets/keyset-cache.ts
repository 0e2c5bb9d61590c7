import { LRUCache } from 'lru-cache'
import type { Cache, Change } from '../cluster/ports.ts'
import { DomainError } from '../domain-error.ts'
import type { LookupPool } from '../lookup-pool.ts'
import type { WorkspaceId } from '../workspaces/workspace.ts'
import type { KeysetReader, MaterialOpener, StoredKeyset } from './ports.ts'
import { WorkspaceKeyset } from './workspace-keyset.ts'

/** How often a load may be overtaken by changes before the store counts as too busy to answer from. */
const maxAttempts = 8

interface Load {
  overtaken: boolean
  readonly done: Promise<void>
}

export interface KeysetCacheSettings {
  readonly maxWorkspaces: number
  /** The epoch up to which changes are applied on this node. */
  appliedEpoch(): number
}

/**
 * The keysets of the workspaces that are in use. A load that a change overtook is discarded and repeated, so that the
 * cache never holds what the feed has already told to be out of date.
 */
export class KeysetCache implements Cache {
  readonly #reader: KeysetReader
  readonly #opener: MaterialOpener
  readonly #lookups: LookupPool
  readonly #settings: KeysetCacheSettings
  readonly #keysets: LRUCache<WorkspaceId, WorkspaceKeyset>
  readonly #loads = new Map<string, Load>()

  constructor(reader: KeysetReader, opener: MaterialOpener, lookups: LookupPool, settings: KeysetCacheSettings) {
    this.#reader = reader
    this.#opener = opener
    this.#lookups = lookups
    this.#settings = settings
    this.#keysets = new LRUCache({ max: settings.maxWorkspaces })
  }

  /** How many workspaces are in memory. */
  get size(): number {
    return this.#keysets.size
  }

  /** The keyset in memory, for use before the next wait; `undefined` when it has to be loaded first. */
  held(workspaceId: WorkspaceId): WorkspaceKeyset | undefined {
    return this.#keysets.get(workspaceId)
  }

  /**
   * Resolves when the keyset was in memory a moment ago: read it with `held`, and load again if it has gone. Refuses a
   * workspace that does not exist.
   */
  async load(workspaceId: WorkspaceId): Promise<void> {
    const running = this.#loads.get(workspaceId)
    if (running) return running.done
    const done = this.#loadUntilCurrent(workspaceId).finally(() => this.#loads.delete(workspaceId))
    this.#loads.set(workspaceId, { overtaken: false, done })
    return done
  }

  apply(change: Change): void {
    if (change.part === 'access_tokens') return
    if (change.workspaceId === null) {
      this.dropAll()
      return
    }
    this.#keysets.delete(change.workspaceId as WorkspaceId) // sound: a key that is no workspace id deletes nothing
    const load = this.#loads.get(change.workspaceId)
    if (load) load.overtaken = true
  }

  dropAll(): void {
    this.#keysets.clear()
    for (const load of this.#loads.values()) load.overtaken = true
  }

  async #loadUntilCurrent(workspaceId: WorkspaceId): Promise<void> {
    for (let attempt = 1; attempt <= maxAttempts; attempt += 1) {
      const appliedBefore = this.#settings.appliedEpoch()
      // The first line after this await runs once `load` has put this load on the list.
      const stored = await this.#lookups.run(() => this.#reader.load(workspaceId))
      const keyset = await this.#open(workspaceId, stored)
      const load = this.#loads.get(workspaceId)
      if (load && !load.overtaken && stored.epoch >= appliedBefore) {
        this.#keysets.set(workspaceId, keyset)
        return
      }
      if (load) load.overtaken = false
    }
    throw new DomainError('store_unavailable')
  }

  async #open(workspaceId: WorkspaceId, { workspace }: StoredKeyset): Promise<WorkspaceKeyset> {
    if (!workspace) throw new DomainError('workspace_unknown')
    const opened = await Promise.all(
      workspace.secrets.map(async ({ sealed, ...secret }) => ({
        ...secret,
        material: await this.#opener.openMaterial(sealed, workspaceId, secret.id),
      })),
    )
    return new WorkspaceKeyset(workspace.enforcement, opened)
  }
}
