import { describe, expect, it } from 'vitest'
import { type AuditEntry, chainEntry } from './audit-entry.ts'
import { exportAuditLog } from './export-audit-log.ts'

/** A chain in memory that counts how often it is read. */
function chainOf(size: number) {
  const draft = {
    chain: 'instance',
    action: 'workspace.created',
    actor: { type: 'system', id: 'a', name: null },
    resource: { type: 'workspace', id: 'ws_a' },
    result: 'success',
    metadata: {},
    requestId: null,
    ip: null,
  } as const
  const entries: AuditEntry[] = []
  const append = () => entries.push(chainEntry(draft, { size: entries.length, hash: entries.at(-1)?.hash ?? '' }, 0))
  for (let index = 0; index < size; index += 1) append()
  const read: number[] = []
  const audit = {
    head: async () => ({ size: entries.length, hash: entries.at(-1)?.hash ?? '' }),
    page: async (_chain: string, sequence: number, limit: number) => {
      read.push(limit)
      return entries.slice(sequence, sequence + limit)
    },
  }
  return { audit, append, entries, read }
}

async function collect(pages: AsyncIterable<readonly AuditEntry[]>): Promise<readonly number[]> {
  const sequences: number[] = []
  for await (const page of pages) sequences.push(...page.map(({ sequence }) => sequence))
  return sequences
}

describe('an export', () => {
  it('reads the next page when the reader asks for it, and not before', async () => {
    const { audit, read } = chainOf(250)
    const pages = exportAuditLog(audit, 'instance')
    expect(read).toEqual([])
    expect((await pages.next()).value).toHaveLength(100)
    expect(read).toEqual([100])
    await pages.return(undefined)
    expect(read).toEqual([100])
  })

  it('is of the chain as it was when it began, however fast that grows', async () => {
    const chain = chainOf(150)
    const pages = exportAuditLog(chain.audit, 'instance')
    const first = await pages.next()
    for (let index = 0; index < 200; index += 1) chain.append()
    expect([first.value?.length, ...(await collect(pages))]).toEqual([
      100,
      ...Array.from({ length: 50 }, (_, index) => 101 + index),
    ])
    expect(await collect(exportAuditLog(chain.audit, 'instance'))).toHaveLength(350)
  })

  it('lets others have their turn between two pages, also when neither store nor reader ever waits', async () => {
    const { audit } = chainOf(1000)
    let turns = 0
    let isDone = false
    const countTurns = () => {
      turns += 1
      if (!isDone) setImmediate(countTurns)
    }
    countTurns()
    await collect(exportAuditLog(audit, 'instance'))
    isDone = true
    expect(turns).toBeGreaterThanOrEqual(10)
  })

  it('of an empty chain is empty, and of one that is shorter than its head fails', async () => {
    expect(await collect(exportAuditLog(chainOf(0).audit, 'instance'))).toEqual([])
    const { audit, entries } = chainOf(10)
    const { size, hash } = await audit.head()
    entries.splice(8)
    const cut = { ...audit, head: async () => ({ size, hash }) }
    await expect(collect(exportAuditLog(cut, 'instance'))).rejects.toThrow('ends after entry 8, and its head says 10')
  })
})
