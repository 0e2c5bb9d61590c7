import { CompiledQuery } from 'kysely'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { fillTenants } from './fill-tenants.ts'
import { engines, type InProcess, startInProcess } from './in-process.ts'
import { type Access, accessesOf, type Reach } from './query-plans/accesses.ts'
import { captureStatements } from './query-plans/captured-statements.ts'
import { Asker, askEverything } from './query-plans/every-route.ts'

/** However many tenants there are, these stay small. */
const boundedTables = [
  'audit_signing_key', // one row
  'changes', // the last 10,000
  'master_key_checks', // one for each master key
  'nodes', // one for each process, and those that were fenced in the last hour
  'revocation_epoch', // one row
  'usage_reports', // one for each process of the last 65 days
]

interface Exception {
  readonly statement: RegExp
  readonly reach: Reach
  readonly why: string
}

/** What may look past the rows of one tenant, and why. */
const exceptions: readonly Exception[] = [
  {
    statement: /^select \* from "workspaces" where "deleted_at" is null .*order by "sequence" limit/,
    reach: 'all',
    why: 'a page of all workspaces, in their order and up to its limit, for whoever may see them all',
  },
  {
    statement: /^select kind, state, count\(\*\).* as live group by kind, state$/,
    reach: 'all',
    why: 'counts everything, at most once a minute and when it is asked for, a slice at a time',
  },
  {
    statement: /^select \(select max\("id"\)/,
    reach: 'all',
    why: 'reads the last row of each, from the end, to know how far there is to count',
  },
  {
    statement: /^select "secret_id" from "secret_uses" where "secret_id" > \S+ order by "secret_id" limit/,
    reach: 'range',
    why: 'the next 200 of the housekeeping',
  },
  {
    statement: /^delete from "(?:verification_outcomes|kept_answers|sessions)" where \(?"(?:start|expires_at)" <=? /,
    reach: 'range',
    why: 'what it finds is what has to go',
  },
  {
    statement: /^select (?:distinct|"workspace_id", "id").*"(?:expires_at|deleted_at)" <= .*limit \S+/,
    reach: 'range',
    why: 'what it finds is what has to go',
  },
]

interface Looked {
  readonly sql: string
  readonly accesses: readonly Access[]
}

describe.each(engines)('the statements of a server on %s', (engine) => {
  const atEnd = new AsyncDisposableStack()
  let asker: Asker
  let statements: readonly Looked[]

  beforeAll(async () => {
    const cutover = asOneWorkspace(atEnd.use(await startInProcess({ engine, environment })))
    const { db } = cutover.cutover.opened
    await fillTenants(db, { workspaces: 10_000, secretsEach: 2, seal: () => notOpened }, cutover.clock.nowMs)
    // As its autovacuum does by itself. Nobody tells SQLite how its rows are distributed.
    if (engine === 'postgres') await db.executeQuery(CompiledQuery.raw('analyze'))
    const captured = captureStatements()
    asker = new Asker(cutover)
    await askEverything(cutover, asker)
    vi.restoreAllMocks()
    const tables = (await db.introspection.getTables()).map(({ name }) => name)
    const isOfTenants = ({ table }: Access) => tables.includes(table) && !boundedTables.includes(table)
    statements = await Promise.all(
      [...captured.values()].map(async (statement) => ({
        sql: statement.sql.trim().replaceAll(/\s+/g, ' '),
        accesses: (await accessesOf(db, statement)).filter(isOfTenants),
      })),
    )
  })
  afterAll(() => atEnd.disposeAsync())

  it('are those of every operation there is, with each of its query parameters', () => {
    expect(asker.missed()).toEqual([])
  })

  it('look at no rows of other tenants', () => {
    const past = statements.flatMap(({ sql, accesses }) =>
      accesses.filter((access) => !isAllowed(sql, access)).map(({ how }) => `${how}: ${sql}`),
    )
    expect(past).toEqual([])
  })

  it('are excepted only where there is such a statement', () => {
    const isNeeded = ({ statement }: Exception) =>
      statements.some(({ sql, accesses }) => statement.test(sql) && accesses.some(({ reach }) => reach !== 'value'))
    expect(exceptions.filter((each) => !isNeeded(each))).toEqual([])
  })

  it.each([
    ['workspace', /^select "e"\."value" as "epoch", "w"\./, 'signing_secrets_of_users'],
    ['integrator', /^select "e"\."value" as "epoch", "i"\./, 'signing_secrets_of_integrator'],
  ])('load the keyset of a %s past secrets that were deleted', (_, statement, index) => {
    const load = statements.find(({ sql }) => statement.test(sql))
    const ofSecrets = load?.accesses.filter(({ table }) => table === 'signing_secrets').map(({ how }) => how)
    expect(ofSecrets).toEqual([expect.stringContaining(`${index} `)])
  })
})

const environment = { CUTOVER_RATE_LIMIT_PER_MINUTE: '0' }
const notOpened = { sealed: 'x'.repeat(400), fingerprint: 'sha256:0000000000000000' }

/** Its first token may act in all workspaces: each call says in which. */
function asOneWorkspace(cutover: InProcess): InProcess {
  const call: InProcess['call'] = ({ headers, ...request }) =>
    cutover.call({ ...request, headers: { 'cutover-workspace': cutover.workspaceId, ...headers } })
  return { ...cutover, call }
}

function isAllowed(sql: string, { reach }: Access): boolean {
  if (reach === 'value') return true
  return exceptions.some((each) => each.statement.test(sql) && (each.reach === 'all' || reach === 'range'))
}
