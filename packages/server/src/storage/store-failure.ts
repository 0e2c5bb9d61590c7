import { DomainError } from '../domain-error.ts'

/** The store did not do it, or may or may not have: in either case the caller must not be told that it is done. */
export function unavailable(cause: unknown): DomainError {
  return new DomainError('store_unavailable', { cause })
}

/** Somebody else held a lock for too long; nothing was done, and the same transaction may be tried again. */
export class StoreConflict extends DomainError {
  constructor(cause: unknown) {
    super('store_unavailable', { cause })
  }
}
