import { setImmediate as turn } from 'node:timers/promises'

/** What a server says of itself when it is asked. */
export interface SelfReport {
  readonly residentBytes: number
  readonly heapBytes: number
  /** Outside of the heap of JavaScript: buffers, the pages that SQLite keeps. */
  readonly externalBytes: number
  /** Used of the processor since the process began. */
  readonly cpuSeconds: number
}

const collections = 4

/** Gives the pages of the heap that are empty back to the system, as V8 does when memory is short. */
function collectGarbage(): void {
  // Sound: as V8 takes it, of which the types know less.
  const gc = globalThis.gc as unknown as (how: object) => void
  gc({ type: 'major', execution: 'sync', flavor: 'last-resort' })
}

// Given to Node before the server, with --expose-gc: what could be freed is nothing that the server needs.
process.on('message', async (asked) => {
  if (asked === 'collect') {
    // What is freed frees more, outside of the heap as well.
    for (let done = 0; done < collections; done += 1) {
      collectGarbage()
      await turn()
    }
  }
  const { rss, heapUsed, external } = process.memoryUsage()
  const { user, system } = process.cpuUsage()
  process.send?.({
    ...{ residentBytes: rss, heapBytes: heapUsed, externalBytes: external },
    cpuSeconds: (user + system) / 1e6,
  } satisfies SelfReport)
})
process.channel?.unref()
