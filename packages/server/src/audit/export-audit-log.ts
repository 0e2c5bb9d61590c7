import { setImmediate } from 'node:timers/promises'
import type { AuditEntry } from './audit-entry.ts'
import type { AuditReader } from './ports.ts'

/** A page is in memory as a whole, and on SQLite nothing else runs while it is read. */
const pageSize = 100

/**
 * The chain as it was when the first page was asked for, oldest entry first. Each page is one statement: no read stays
 * open while the reader takes its time. Throws when the chain ends before its head says.
 */
export async function* exportAuditLog(
  audit: Pick<AuditReader, 'head' | 'page'>,
  chain: string,
): AsyncGenerator<readonly AuditEntry[], undefined> {
  const { size } = await audit.head(chain)
  let sequence = 0
  while (sequence < size) {
    const entries = await audit.page(chain, sequence, Math.min(pageSize, size - sequence))
    const last = entries.at(-1)
    if (!last) throw new Error(`chain ${chain} ends after entry ${sequence}, and its head says ${size}`)
    yield entries
    sequence = last.sequence
    // On SQLite a page is read without a wait, and a fast reader makes none: others have to have their turn.
    await setImmediate()
  }
}
