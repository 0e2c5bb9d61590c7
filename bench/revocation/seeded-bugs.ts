/** One place of a source file of the server, and what stands there with the bug. */
export interface Edit {
  /** Within `packages/server/src`. */
  readonly file: string
  /** Stands there exactly once. */
  readonly replace: string
  readonly by: string
}

export interface SeededBug {
  readonly edits: readonly Edit[]
  /** Names of faults under which it shows, to begin with. */
  readonly faults: readonly string[]
}

const mislabelled = `
      const keeping = (globalThis.kept ??= new Map())
      const { epoch: newest } = await db
        .selectFrom('revocation_epoch')
        .select('value as epoch')
        .executeTakeFirstOrThrow()
      const kept = keeping.get(workspaceId)
      const isFresh = kept !== undefined && performance.now() < kept.untilMs
      const found = isFresh ? kept.rows : await load()
      if (!isFresh) keeping.set(workspaceId, { rows: found, untilMs: performance.now() + 1000 })
      const rows = found.map((row) => ({ ...row, epoch: newest }))
      const [first] = rows`

/**
 * Mistakes that were close at hand. The servers of a run get one when they are started with
 * `--import …/plant-bug.ts?<name>`: no line of what is shipped knows of them.
 */
export const seededBugs = {
  'no wait': {
    edits: [
      {
        file: 'cluster/cluster-node.ts',
        replace: 'async passed(epoch: number): Promise<void> {',
        by: 'async passed(epoch: number): Promise<void> {\n    return',
      },
    ],
    faults: ['a slow link'],
  },
  // And it waits for the reply: with the half a second that a node has for it, this one is hard to see.
  'a lease timed from the reply': {
    edits: [
      {
        file: 'open-installation.ts',
        replace: 'Math.max(500, leaseTiming(settings.CUTOVER_LEASE_MS).renewEveryMs * 2)',
        by: '5000',
      },
      {
        file: 'cluster/node-protocol.ts',
        replace: 'member.pending = { ...grant, readingMs }',
        by: 'member.pending = { ...grant, readingMs: this.#parts.clock.nowMs() }',
      },
    ],
    faults: ['answers late, then cut off', 'answers late, then cut off', 'answers late, then cut off'],
  },
  'an acknowledgement before the cache is purged': {
    edits: [
      {
        file: 'cluster/cluster-node.ts',
        replace: 'for (const cache of this.#ports.caches) cache.apply(change)',
        by: 'setTimeout(() => {\n      for (const cache of this.#ports.caches) cache.apply(change)\n    }, 20)',
      },
    ],
    faults: [],
  },
  // It begins with the epoch that it has read, and is on the list of those who are waited for a moment later.
  'a join without the epoch lock': {
    edits: [
      {
        file: 'cluster/cluster-node.ts',
        replace: 'const registered = await nodes.register({ ...facts, nodeId: request.nodeId, upMs }, this.#known)',
        by: `const { current } = await changes.since(Number.MAX_SAFE_INTEGER)
        const registered = { epoch: current, storeTimeMs: Date.now(), newest: null }
        const add = () => nodes.register({ ...facts, nodeId: request.nodeId, upMs }, null).catch(() => {})
        setTimeout(add, 1500)`,
      },
      {
        file: 'cluster/cluster-node.ts',
        replace: 'const grant = await nodes.renew(request.nodeId, request.applied, this.#known)',
        by: `const granted = await nodes.renew(request.nodeId, request.applied, this.#known)
        const { current } = await changes.since(Number.MAX_SAFE_INTEGER)
        const grant = granted ?? { epoch: current, storeTimeMs: Date.now() }`,
      },
    ],
    faults: ['joining over a slow link', 'joining over a slow link', 'joining over a slow link'],
  },
  // It reads the keyset, and for a while gives it again under the epoch of that moment.
  'a load labelled with a later epoch': {
    edits: [
      {
        file: 'storage/keysets-repository.ts',
        replace: "const rows = await db\n        .selectFrom('revocation_epoch as e')",
        by: "const load = () => db\n        .selectFrom('revocation_epoch as e')",
      },
      { file: 'storage/keysets-repository.ts', replace: '\n      const [first] = rows', by: mislabelled },
    ],
    faults: [],
  },
  'a gap in the feed applied as if there were none': {
    edits: [
      {
        file: 'cluster/node-protocol.ts',
        replace: 'if (isGapless(request.since, current, changes)) for',
        by: 'if (changes.length >= 0) for',
      },
    ],
    faults: ['changes gone at once', 'changes gone at once', 'changes gone at once'],
  },
} as const satisfies Record<string, SeededBug>

export type BugName = keyof typeof seededBugs
