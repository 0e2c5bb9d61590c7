import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, readFileSync } from 'node:fs'
import { chmod, readdir } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { Client } from 'pg'
import { describe, expect, it, onTestFinished, vi } from 'vitest'
import { type PostgresServer, startPostgresServer } from './postgres-server.ts'
import { createTemporaryDirectory } from './temporary-directory.ts'

async function query(server: PostgresServer, statement: string): Promise<unknown[]> {
  const client = new Client({ connectionString: server.url('postgres') })
  client.on('error', () => {})
  await client.connect()
  try {
    return (await client.query(statement)).rows
  } finally {
    await client.end()
  }
}

async function dataDirectory(server: PostgresServer): Promise<string> {
  const [row] = await query(server, `SELECT current_setting('data_directory') AS path`)
  return (row as { path: string }).path // the only column asked for
}

/** False also for a zombie: who reaps an orphan, and when, is the machine's affair. */
function isRunning(pid: number | undefined): boolean {
  if (pid === undefined) return false
  try {
    process.kill(pid, 0)
    return process.platform !== 'linux' || !/\) Z /.test(readFileSync(`/proc/${pid}/stat`, 'latin1'))
  } catch {
    return false
  }
}

describe('startPostgresServer', () => {
  it('keeps its port and its data over a restart', async () => {
    await using server = await startPostgresServer()
    await query(server, 'CREATE TABLE kept AS SELECT 7 AS id')
    const { port, pid } = server
    await server.restart()
    expect(server.port).toBe(port)
    expect(server.pid).not.toBe(pid)
    expect(await query(server, 'SELECT id FROM kept')).toEqual([{ id: 7 }])
  })

  it('keeps what was committed before a kill −9, loses what was not, and cuts every connection', async () => {
    await using server = await startPostgresServer()
    await query(server, 'CREATE TABLE kept (id int)')
    const open = new Client({ connectionString: server.url('postgres') })
    const cut = once(open, 'error')
    await open.connect()
    await open.query('INSERT INTO kept VALUES (1)')
    await open.query('BEGIN')
    await open.query('INSERT INTO kept VALUES (2)')
    await server.killHard()
    await cut
    await server.start()
    expect(await query(server, 'SELECT id FROM kept')).toEqual([{ id: 1 }])
  })

  it('leaves no backend alive after a kill −9, not even one that is busy', async () => {
    await using server = await startPostgresServer()
    const busy = new Client({ connectionString: server.url('postgres') })
    busy.on('error', () => {})
    await busy.connect()
    const { rows } = await busy.query('SELECT pg_backend_pid() AS pid')
    const cut = busy.query(`DO $$ BEGIN LOOP END LOOP; END $$`).catch(() => 'cut')
    await server.killHard()
    expect(await cut).toBe('cut')
    await expect.poll(() => isRunning(rows[0].pid)).toBe(false)
  })

  it('runs with the settings that a test asks for, and later with others', async () => {
    await using server = await startPostgresServer({ settings: { full_page_writes: 'off' } })
    expect(await query(server, 'SHOW full_page_writes')).toEqual([{ full_page_writes: 'off' }])
    expect(await query(server, 'SHOW fsync')).toEqual([{ fsync: 'on' }])
    await server.stop()
    await server.start({ settings: { fsync: 'off' } })
    expect(await query(server, 'SHOW full_page_writes')).toEqual([{ full_page_writes: 'on' }])
    expect(await query(server, 'SHOW fsync')).toEqual([{ fsync: 'off' }])
  })

  it('says what PostgreSQL said when it does not start, and leaves nothing behind', async () => {
    await using directory = await createTemporaryDirectory()
    await chmod(directory.path, 0o755)
    vi.stubEnv('TMPDIR', directory.path)
    onTestFinished(() => void vi.unstubAllEnvs())
    await expect(startPostgresServer({ settings: { shared_buffers: 'much' } })).rejects.toThrow(
      /invalid value for parameter "shared_buffers": "much"/,
    )
    expect(await readdir(directory.path)).toEqual([])
  })

  it('turns away who does not know its password', async () => {
    await using server = await startPostgresServer()
    const url = new URL(server.url('postgres'))
    url.password = 'guess'
    const stranger = new Client({ connectionString: url.href })
    await expect(stranger.connect()).rejects.toThrow('password authentication failed for user "postgres"')
  })

  it('leaves no process and no file when it is removed', async () => {
    const server = await startPostgresServer()
    const { pid } = server
    const path = await dataDirectory(server)
    await server.remove()
    await server.remove()
    expect(isRunning(pid)).toBe(false)
    expect(existsSync(path)).toBe(false)
  })

  it('ends with its run, and leaves no file, when that run is killed hard', async () => {
    const module = fileURLToPath(new URL('./postgres-server.ts', import.meta.url))
    const program = `
      const server = await (await import(${JSON.stringify(module)})).startPostgresServer()
      process.stdout.write(JSON.stringify({ pid: server.pid, url: server.url('postgres') }))
      setInterval(() => {}, 1000)`
    const owner = spawn(process.execPath, ['--input-type=module', '-e', program], {
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    const [said] = await once(owner.stdout, 'data')
    const { pid, url } = JSON.parse(String(said))
    const path = await dataDirectory({ url: () => url } as unknown as PostgresServer) // it only asks for the address
    owner.kill('SIGKILL')
    await expect.poll(() => isRunning(pid) || existsSync(path), { timeout: 20_000 }).toBe(false)
  })
})
