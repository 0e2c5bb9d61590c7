import { CompiledQuery, type Kysely, SqliteAdapter, sql } from 'kysely'
import type { Database } from '../../src/storage/schema.ts'
import type { Statement } from './captured-statements.ts'

/**
 * Which rows of a table a plan looks at: those with one value of an index, so that rows of others are never seen; those
 * from one place of an index to another; or whatever there is.
 */
export type Reach = 'value' | 'range' | 'all'

export interface Access {
  readonly table: string
  readonly reach: Reach
  /** In the engine's words. */
  readonly how: string
}

/** By the plan that the engine itself makes for the statement, on the rows that are there. */
export function accessesOf(db: Kysely<Database>, statement: Statement): Promise<readonly Access[]> {
  const isSqlite = db.getExecutor().adapter instanceof SqliteAdapter
  return isSqlite ? sqliteAccesses(db, statement) : postgresAccesses(db, statement)
}

/** SQLite's documentation, "EXPLAIN QUERY PLAN": `SEARCH` by an index or `SCAN`, with the name that the statement uses. */
async function sqliteAccesses(db: Kysely<Database>, { sql: text }: Statement): Promise<readonly Access[]> {
  const questions = text.split('?').length - 1
  const parameters = Array.from({ length: questions }, () => null)
  const rows = await explain<{ detail: string }>(db, `explain query plan ${text}`, parameters)
  return rows.flatMap(({ detail }) => {
    const [, how = '', name = ''] = /^(SCAN|SEARCH) (\w+)/.exec(detail) ?? []
    if (how === '' || name === 'CONSTANT') return []
    return [{ table: tableOf(name, text), reach: how === 'SCAN' ? 'all' : sqliteReach(detail), how: detail }]
  })
}

/** The smallest and the largest of an index are searched without a word about how. */
function sqliteReach(detail: string): Reach {
  return /\(\w+=\?/.test(detail) ? 'value' : 'range'
}

/** In the text `"signing_secrets" as "s"`, or without quotes, or without `as`, `s` is the table before it. */
function tableOf(name: string, text: string): string {
  const alias = new RegExp(`(?:from|join|update|,)\\s+"?(\\w+)"?\\s+(?:as\\s+)?"?${name}"?(?![\\w"])`, 'i')
  const [, table = name] = alias.exec(text) ?? []
  return table
}

interface PlanNode {
  readonly 'Node Type': string
  readonly 'Relation Name'?: string
  readonly 'Index Name'?: string
  readonly 'Index Cond'?: string
  readonly Plans?: readonly PlanNode[]
}

async function postgresAccesses(db: Kysely<Database>, { sql: text, parameters }: Statement) {
  type Row = { 'QUERY PLAN': readonly { Plan: PlanNode }[] }
  const rows = await explain<Row>(db, `explain (format json) ${text}`, parameters)
  const nodes = rows.flatMap((row) => row['QUERY PLAN'].flatMap(({ Plan }) => readingNodes(Plan, undefined)))
  const firsts = await firstColumns(db)
  return nodes.map(({ table, node }): Access => {
    const { 'Node Type': type, 'Index Name': index = '', 'Index Cond': condition = '' } = node
    const how = [type, table, index, condition].filter((part) => part !== '').join(' ')
    return { table, reach: postgresReach(condition, firsts.get(index)), how }
  })
}

interface ReadingNode {
  readonly table: string
  readonly node: PlanNode
}

/** The index of a bitmap is read by a node of its own, below the one that names the table. */
function readingNodes(node: PlanNode, above: string | undefined): readonly ReadingNode[] {
  const { 'Node Type': type, 'Relation Name': table = above } = node
  const below = (node.Plans ?? []).flatMap((each) => readingNodes(each, type === 'Bitmap Heap Scan' ? table : above))
  const reads = /^(Seq Scan|Index Scan|Index Only Scan|Bitmap Index Scan|Sample Scan|Tid)/.test(type)
  return reads && table !== undefined ? [{ table, node }, ...below] : below
}

/** A value of another column than the first is found by going through the index: PostgreSQL 18 may, older ones scan. */
function postgresReach(condition: string, first: string | undefined): Reach {
  if (condition === '') return 'all'
  return new RegExp(`(?:^|[( ])"?${first}"? (?:= |IS NULL)`).test(condition) ? 'value' : 'range'
}

async function firstColumns(db: Kysely<Database>): Promise<ReadonlyMap<string, string>> {
  const { rows } = await sql<{ index: string; first: string }>`
    select c.relname as index, a.attname as first
    from pg_index i
    join pg_class c on c.oid = i.indexrelid
    join pg_attribute a on a.attrelid = i.indrelid and a.attnum = i.indkey[0]`.execute(db)
  return new Map(rows.map(({ index, first }) => [index, first]))
}

async function explain<Row>(
  db: Kysely<Database>,
  text: string,
  parameters: readonly unknown[],
): Promise<readonly Row[]> {
  const { rows } = await db.executeQuery<Row>(CompiledQuery.raw(text, [...parameters]))
  return rows
}
