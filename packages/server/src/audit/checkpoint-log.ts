import type { AuditCheckpoint } from '@cutover/contract'

export interface CheckpointLogPorts {
  takeCheckpoint(chain: string): Promise<AuditCheckpoint>
  print(checkpoint: AuditCheckpoint): void
}

/** Prints a checkpoint of each chain that grew since the last time, so that whoever collects logs keeps it elsewhere. */
export class CheckpointLog {
  readonly #ports: CheckpointLogPorts
  readonly #grown: Set<string>

  /** @param grown - the chains that this process appended to; those that were printed are taken out of it */
  constructor(ports: CheckpointLogPorts, grown: Set<string>) {
    this.#ports = ports
    this.#grown = grown
  }

  /** What cannot be printed now is printed at the next turn. */
  async flush(): Promise<void> {
    for (const chain of [...this.#grown]) {
      // Taken out first: what is appended from here on may be missing in this checkpoint.
      this.#grown.delete(chain)
      try {
        this.#ports.print(await this.#ports.takeCheckpoint(chain))
      } catch (error) {
        this.#grown.add(chain)
        throw error
      }
    }
  }
}
