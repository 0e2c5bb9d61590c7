import { join } from 'node:path'
import BetterSqlite from 'better-sqlite3'

/** Makes a store so large that a copy of it takes a while. */
export function fillStore(dataDirectory: string, megabytes: number): void {
  const database = new BetterSqlite(join(dataDirectory, 'cutover.db'))
  database.exec('create table filler (content blob)')
  const fill = database.prepare('insert into filler values (zeroblob(1000000))')
  for (let count = 0; count < megabytes; count += 1) fill.run()
  database.close()
}
