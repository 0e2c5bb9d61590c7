import type { Memory } from '../../src/cluster/node-protocol.ts'
import type { LoadTicket, VersionedLoads } from '../../src/cluster/versioned-loads.ts'
import type { Loaded, SimulatedChange, StoredSecret } from './simulated-store.ts'

/** A few keysets, the least recently used of which goes first. */
export class KeysetMemory implements Memory<SimulatedChange> {
  readonly #loads: VersionedLoads
  readonly #capacity: number
  readonly #keysets = new Map<number, readonly StoredSecret[]>()

  constructor(loads: VersionedLoads, capacity: number) {
    this.#loads = loads
    this.#capacity = capacity
  }

  held(workspace: number): readonly StoredSecret[] | undefined {
    const keyset = this.#keysets.get(workspace)
    if (keyset) this.#keep(workspace, keyset)
    return keyset
  }

  beginLoad(workspace: number, applied: number): LoadTicket {
    return this.#loads.begin(String(workspace), applied)
  }

  /** Whether what was loaded is kept. */
  endLoad(workspace: number, ticket: LoadTicket, loaded: Loaded): boolean {
    const isKept = this.#loads.accepts(ticket, loaded.epoch)
    if (isKept) this.#keep(workspace, loaded.keyset)
    return isKept
  }

  abandonLoad(ticket: LoadTicket): void {
    this.#loads.abandon(ticket)
  }

  apply({ workspace }: SimulatedChange): void {
    this.#keysets.delete(workspace)
    this.#loads.changed(String(workspace))
  }

  dropAll(): void {
    this.#keysets.clear()
    this.#loads.changedAll()
  }

  #keep(workspace: number, keyset: readonly StoredSecret[]): void {
    this.#keysets.delete(workspace)
    this.#keysets.set(workspace, keyset)
    const [oldest] = this.#keysets.keys()
    if (this.#keysets.size > this.#capacity && oldest !== undefined) this.#keysets.delete(oldest)
  }
}
