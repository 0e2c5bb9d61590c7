import BetterSqlite from 'better-sqlite3'
import pg from 'pg'
import { vi } from 'vitest'

export interface Statement {
  readonly sql: string
  /** Those of its first run; none on SQLite, where a plan does not depend on them. */
  readonly parameters: readonly unknown[]
}

/** Every statement that reaches an engine from now on, each once, whoever wrote it and however. */
export function captureStatements(): ReadonlyMap<string, Statement> {
  const captured = new Map<string, Statement>()
  const capture = (sql: unknown, parameters: unknown) => {
    if (typeof sql !== 'string' || !/^\s*(select|insert|update|delete|with)\b/i.test(sql) || captured.has(sql)) return
    captured.set(sql, { sql, parameters: Array.isArray(parameters) ? parameters : [] })
  }
  const { prepare } = BetterSqlite.prototype
  vi.spyOn(BetterSqlite.prototype, 'prepare').mockImplementation(function (this: BetterSqlite.Database, sql: string) {
    capture(sql, [])
    return prepare.call(this, sql)
  })
  const query = pg.Client.prototype.query as (...given: unknown[]) => unknown // sound: handed on as it is given
  vi.spyOn(pg.Client.prototype, 'query').mockImplementation(function (this: pg.Client, ...given: unknown[]) {
    capture(given[0], given[1])
    return query.apply(this, given)
  })
  return captured
}
