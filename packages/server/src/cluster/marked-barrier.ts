import type { AuditPlace, Barrier, MarkWriter } from './ports.ts'

/**
 * A change whose mark could not be written was refused, after its commit. Whoever then repeats it is told that it is
 * done already: that answer is held back for its mark like the first one's.
 */
export function markedBarrier(barrier: Barrier, marks: MarkWriter, newestPlace: () => Promise<AuditPlace>): Barrier {
  return {
    async passed(epoch) {
      if (!marks.remembers(epoch)) marks.append({ epoch, audit: await newestPlace() })
      await barrier.passed(epoch)
    },
  }
}
