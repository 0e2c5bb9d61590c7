/** One load of a subject into memory. */
export interface LoadTicket {
  readonly subject: string
  /** The epoch up to which the node had applied changes when the load started. */
  readonly applied: number
}

/**
 * Which loads may be kept. What a load brings is as old as its snapshot: a snapshot from before what the node had
 * applied is discarded, and so is one whose subject changed while it was on its way, since whoever applied that change
 * could not drop what was not there yet. A snapshot from after the applied epoch is kept: the changes in between are
 * still to be applied, and drop it.
 */
export class VersionedLoads {
  readonly #current = new Set<LoadTicket>()

  /** Before the store is asked. */
  begin(subject: string, applied: number): LoadTicket {
    const ticket = { subject, applied }
    this.#current.add(ticket)
    return ticket
  }

  changed(subject: string): void {
    for (const ticket of this.#current) if (ticket.subject === subject) this.#current.delete(ticket)
  }

  changedAll(): void {
    this.#current.clear()
  }

  /** Ends the load: whether what was read, in a snapshot of `epoch`, may be kept, in this same synchronous stretch. */
  accepts(ticket: LoadTicket, epoch: number): boolean {
    return this.#current.delete(ticket) && epoch >= ticket.applied
  }

  /** The load failed. */
  abandon(ticket: LoadTicket): void {
    this.#current.delete(ticket)
  }
}
