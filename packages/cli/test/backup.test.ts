import { once } from 'node:events'
import { readdir, stat, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { expect, it } from 'vitest'
import { fillStore } from '../../server/test/fill-store.ts'
import { OnMachine } from './on-machine.ts'

async function machineWithStore() {
  const machine = await OnMachine.prepare()
  const cutover = await machine.installation.start()
  await cutover.caller.create('One')
  const directory = dirname(machine.installation.dataDirectory)
  return { machine, cutover, directory, file: join(directory, 'backup.db') }
}

it('backup copies the store while the server runs, and says what the copy holds', async () => {
  const { machine, file } = await machineWithStore()
  const { code, stdout, stderr } = await machine.run(['backup', file])
  expect([code, stderr]).toEqual([
    0,
    'warning: the master keys are not in it, and without them nobody can open it: keep them apart\n',
  ])
  const { size } = await stat(file)
  expect(stdout).toBe(
    `backup         ${file}, ${size} bytes, read again and whole\n` +
      'epoch          2\nsecrets        1\nworkspaces     1\naudit entries  3\n',
  )
})

it('backup prints JSON, and refuses a file that is there', async () => {
  const { machine, file } = await machineWithStore()
  expect(await machine.json(['backup', file])).toEqual({
    ...{ file, bytes: (await stat(file)).size, epoch: 2 },
    ...{ secrets: 1, workspaces: 1, auditEntries: 3 },
  })
  const again = await machine.run(['backup', file])
  expect(again).toEqual({
    code: 1,
    stdout: '',
    stderr: `error: ${file} exists already: a backup never takes the place of another file.\n`,
  })
})

it('backup of PostgreSQL names the tool for it', async () => {
  const machine = await OnMachine.prepare()
  const { code, stderr } = await machine.run(['backup', 'x.db'], { CUTOVER_DATABASE_URL: 'postgres://localhost/x' })
  expect([code, stderr]).toEqual([
    2,
    'error: The store is a PostgreSQL database, and this copies SQLite only\n' +
      'hint: use pg_dump --format=custom "$CUTOVER_DATABASE_URL", or the backups of your PostgreSQL\n',
  ])
})

it('backup that is killed leaves nothing that looks like one', async () => {
  const { machine, cutover, directory, file } = await machineWithStore()
  await cutover.kill('SIGTERM')
  fillStore(machine.installation.dataDirectory, 200)
  const copying = machine.begin(['backup', file])
  const isCopying = async () => (await readdir(directory)).some((name) => name.endsWith('.partial'))
  await expect.poll(isCopying, { interval: 1, timeout: 20_000 }).toBe(true)
  copying.kill('SIGKILL')
  expect(await once(copying, 'close')).toEqual([null, 'SIGKILL'])
  const left = (await readdir(directory)).filter((name) => name !== 'data')
  expect(left).toEqual([expect.stringMatching(/^backup\.db\.[0-9a-f-]{36}\.partial$/)])
  await writeFile(join(directory, left[0] ?? ''), '')
  expect((await machine.run(['backup', file])).code).toBe(0)
})
