import { join } from 'node:path'
import BetterSqlite from 'better-sqlite3'
import { expect, it } from 'vitest'
import { fillStore } from '../../test/fill-store.ts'
import { startInProcess } from '../../test/in-process.ts'
import { backUpSqlite } from './sqlite-backup.ts'

it('a copy is of the moment at which it began, however often somebody writes while it is made', async () => {
  await using cutover = await startInProcess()
  const directory = cutover.dataDirectory
  fillStore(directory, 20)
  const database = new BetterSqlite(join(directory, 'cutover.db'))
  const epoch = () => Number(database.prepare('select value from revocation_epoch').pluck().get())
  const begun = epoch()
  let steps = 0
  const backup = await backUpSqlite(directory, join(directory, 'backup.db'), (copied, total) => {
    steps += 1
    expect(copied).toBeLessThanOrEqual(total)
    if (steps < 50) database.exec('update revocation_epoch set value = value + 1')
  })
  expect(steps).toBeGreaterThan(2)
  expect(steps).toBeLessThan(10)
  expect([backup.epoch, epoch()]).toEqual([begun, begun + steps])
  database.close()
})
