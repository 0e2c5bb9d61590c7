import { sql } from 'kysely'
import { describe, expect, it } from 'vitest'
import { engines, startInProcess } from '../../test/in-process.ts'

describe.each(engines)('the tally of secrets on %s', (engine) => {
  it('adds up thousands of rows, the dead among them left out', async () => {
    await using cutover = await startInProcess({ engine })
    const { db } = cutover.cutover.opened
    const { workspaceId, clock } = cutover
    await db.updateTable('workspaces').set({ max_age_days: 1 }).execute()
    const nowMs = clock.nowMs
    await sql`
      with recursive n(i) as (select 1 union all select i + 1 from n where i < 3500)
      insert into signing_secrets
        (workspace_id, name, web, ios, android, fingerprint, created_at, created_by, deleted_at, expires_at)
      select ${workspaceId}, 'a', 1, 1, 1, 'f', ${sql.lit(nowMs - 86_400_000)} + i - 3000, 'me',
        case when i % 2 = 1 then 1 end, case when i > 1000 and i <= 2000 then ${sql.lit(nowMs + 1)} end
      from n`.execute(db)
    const tallies = await cutover.cutover.store.read.metrics.liveSecrets(nowMs)
    const ofUsers = tallies.filter(({ kind }) => kind === 'identity_secret')
    const day = 86_400_000
    expect([...ofUsers].sort((a, b) => a.oldestMs - b.oldestMs)).toEqual([
      { kind: 'identity_secret', state: 'active', count: 1250, overdue: 1000, oldestMs: nowMs - day - 2998 },
      { kind: 'identity_secret', state: 'retiring', count: 500, overdue: 500, oldestMs: nowMs - day - 1998 },
    ])
    expect(tallies.filter(({ kind }) => kind === 'access_token')).toEqual([
      { kind: 'access_token', state: 'active', count: 1, overdue: 0, oldestMs: nowMs },
    ])
  })
})
