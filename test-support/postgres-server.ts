import { type ChildProcess, execFile, spawn } from 'node:child_process'
import { randomBytes, randomInt } from 'node:crypto'
import { once } from 'node:events'
import { chown, mkdtemp, open, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import {
  errorCode,
  insteadOfOurOwn,
  type PostgresBinaries,
  preparePostgresBinaries,
  type ServerUser,
} from './postgres-binaries.ts'
import { temporaryParent } from './temporary-parent.ts'

const run = promisify(execFile)
const nobody = 65534
const startDeadlineMs = 30_000
const stopDeadlineMs = 15_000
const pollMs = 5

/** Below the range that systems take source ports from: a stopped server's port stays free until it is restarted. */
const lowestPort = 15_000
const highestPort = 32_000

export interface PostgresServerOptions {
  /** Parameters over the test server's own, for example `{ fsync: 'off' }`. */
  readonly settings?: Readonly<Record<string, string>>
}

/** A PostgreSQL of a test's own: real processes and files, on 127.0.0.1 only. */
export interface PostgresServer extends AsyncDisposable {
  readonly port: number
  /** The postmaster's process id, to be frozen or watched; undefined while stopped. */
  readonly pid: number | undefined
  /** Address of one of its databases for its superuser; a new server has `postgres`. */
  url(database: string): string
  /** Starts again after `stop` or `killHard`, on the same port and data. `settings` replace those of the first start. */
  start(options?: PostgresServerOptions): Promise<void>
  /** Fast shutdown: open transactions are rolled back, connections cut, a checkpoint written. */
  stop(): Promise<void>
  /** kill −9 of every process of the server, as a machine that loses power but keeps its disk's caches. */
  killHard(): Promise<void>
  /** `stop`, then `start` with the same settings. */
  restart(): Promise<void>
  /** What the server has logged since it was made. */
  log(): Promise<string>
  /** Stops it and removes its files; also by `await using`. A second call does nothing. */
  remove(): Promise<void>
}

/** A new, empty server, ready to be connected to. */
export async function startPostgresServer(options: PostgresServerOptions = {}): Promise<PostgresServer> {
  const directory = await mkdtemp(join(temporaryParent(), 'cutover-postgres-'))
  const server = new EmbeddedServer(directory, startWatcher(directory), options)
  try {
    await server.create()
    return server
  } catch (error) {
    await server.remove()
    throw error
  }
}

class EmbeddedServer implements PostgresServer {
  port = 0
  readonly #directory: string
  readonly #watcher: ChildProcess
  readonly #password = randomBytes(24).toString('base64url')
  #options: PostgresServerOptions
  #user: ServerUser = {}
  #binaries: PostgresBinaries | undefined
  #postmaster: ChildProcess | undefined

  constructor(directory: string, watcher: ChildProcess, options: PostgresServerOptions) {
    this.#directory = directory
    this.#watcher = watcher
    this.#options = options
  }

  get pid(): number | undefined {
    return this.#postmaster?.pid
  }

  url(database: string): string {
    return `postgres://postgres:${this.#password}@127.0.0.1:${this.port}/${encodeURIComponent(database)}`
  }

  async create(): Promise<void> {
    this.#user = await giveToServerUser(this.#directory)
    this.#binaries = await preparePostgresBinaries(this.#directory, this.#user)
    await this.#initialise(this.#binaries.initdb)
    await this.#boot(async () => {
      this.port = await freePort()
    })
  }

  async start(options?: PostgresServerOptions): Promise<void> {
    if (this.#postmaster !== undefined) throw new Error('This PostgreSQL server is already started')
    this.#options = options ?? this.#options
    await this.#boot()
  }

  async stop(): Promise<void> {
    await this.#end((postmaster) => postmaster.kill('SIGINT'))
  }

  async killHard(): Promise<void> {
    await this.#end(async (postmaster) => {
      postmaster.kill('SIGSTOP')
      for (const pid of await childrenOf(postmaster.pid)) killIfAlive(pid)
      postmaster.kill('SIGKILL')
    })
  }

  async restart(): Promise<void> {
    await this.stop()
    await this.start()
  }

  async log(): Promise<string> {
    return readFile(this.#path('log'), 'utf8').catch(() => '')
  }

  async remove(): Promise<void> {
    await this.stop()
    await rm(this.#directory, { recursive: true, force: true, maxRetries: 5 })
    if (hasEnded(this.#watcher)) return
    const ended = once(this.#watcher, 'exit')
    this.#watcher.ref()
    this.#watcher.stdin?.end()
    await ended
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.remove()
  }

  #path(name: string): string {
    return join(this.#directory, name)
  }

  /** Without --no-sync a good part of the start goes into flushing files that no crash of the machine must survive. */
  async #initialise(initdb: string): Promise<void> {
    await writeFile(this.#path('password'), this.#password, { mode: 0o644 })
    const options = { ...this.#user, cwd: this.#directory, env: serverEnvironment }
    const initialised = run(initdb, [...initdbArguments, '-D', 'data', '--pwfile=password'], options)
    this.#watch(initialised.child.pid)
    await initialised.catch((cause) => {
      throw new Error(`initdb failed: ${cause.stderr}\n${insteadOfOurOwn}`, { cause })
    })
  }

  /**
   * Twice may be needed: another process may take a port between our choice and the start, and after a kill −9 the
   * last backends may still hold the old shared memory.
   */
  async #boot(choosePort: () => Promise<void> = async () => {}): Promise<void> {
    const deadlineMs = performance.now() + startDeadlineMs
    for (;;) {
      await choosePort()
      const logged = (await this.log()).length
      if (await this.#bootOnce(deadlineMs)) return
      const said = (await this.log()).slice(logged)
      if (!passingObstacle.test(said) || performance.now() > deadlineMs) {
        throw new Error(`PostgreSQL did not start:\n${said}`)
      }
      await delay(50)
    }
  }

  async #bootOnce(deadlineMs: number): Promise<boolean> {
    const postmaster = await this.#spawnPostmaster()
    while (performance.now() < deadlineMs) {
      if (hasEnded(postmaster)) break
      if (await this.#isReady(postmaster)) return true
      await delay(pollMs)
    }
    await this.#end(() => postmaster.kill('SIGKILL'))
    return false
  }

  async #spawnPostmaster(): Promise<ChildProcess> {
    if (this.#binaries === undefined) throw new Error('This PostgreSQL server was not created')
    const log = await open(this.#path('log'), 'a')
    const postmaster = spawn(this.#binaries.postgres, ['-D', 'data', ...this.#settings()], {
      ...this.#user,
      cwd: this.#directory,
      env: serverEnvironment,
      stdio: ['ignore', log.fd, log.fd],
      // A session of its own: Ctrl-C on the run must not stop the server under tests that are still finishing.
      detached: true,
    })
    await once(postmaster, 'spawn').finally(() => log.close())
    // A program that forgets the server may still end: the watcher then ends the server.
    postmaster.unref()
    this.#postmaster = postmaster
    this.#watch(postmaster.pid)
    return postmaster
  }

  #settings(): string[] {
    const all = { ...testSettings, ...this.#options.settings, port: String(this.port) }
    return Object.entries(all).flatMap(([name, value]) => ['-c', `${name}=${value}`])
  }

  /** As pg_ctl does it: by our own postmaster's file, since a connection might reach somebody else's server. */
  async #isReady(postmaster: ChildProcess): Promise<boolean> {
    const lines = (await readFile(this.#path('data/postmaster.pid'), 'utf8').catch(() => '')).split('\n')
    return lines[0] === String(postmaster.pid) && lines[7]?.trim() === 'ready'
  }

  async #end(signal: (postmaster: ChildProcess) => unknown): Promise<void> {
    const postmaster = this.#postmaster
    if (postmaster === undefined) return
    if (!hasEnded(postmaster)) {
      const ended = once(postmaster, 'exit')
      const lastResort = setTimeout(() => postmaster.kill('SIGKILL'), stopDeadlineMs)
      await signal(postmaster)
      await ended.finally(() => clearTimeout(lastResort))
    }
    this.#postmaster = undefined
    this.#watch(undefined)
  }

  #watch(pid: number | undefined): void {
    this.#watcher.stdin?.write(`${pid ?? 0}\n`)
  }
}

/** Messages in English, whatever the machine speaks, and none of the caller's PG* variables. */
const serverEnvironment = { PATH: process.env['PATH'], LC_ALL: 'C', TZ: 'UTC' }

const initdbArguments = [
  '--username=postgres',
  // On a machine with several users a superuser without a password is a shell for all of them.
  '--auth=scram-sha-256',
  '--set=scram_iterations=1',
  '--encoding=UTF8',
  '--locale=C',
  '--locale-provider=builtin',
  '--builtin-locale=C.UTF-8',
  '--no-instructions',
  '--no-sync',
]

const testSettings: Readonly<Record<string, string>> = {
  listen_addresses: '127.0.0.1',
  unix_socket_directories: '',
  max_connections: '300',
  shared_buffers: '64MB',
  // Files in the data directory: what a kill −9 leaves behind is removed with it, unlike segments in /dev/shm.
  dynamic_shared_memory_type: 'mmap',
  log_line_prefix: '%m [%p] %d ',
  log_timezone: 'UTC',
  timezone: 'UTC',
}

const passingObstacle = /Address already in use|pre-existing shared memory block|lock file "postmaster.pid" already/

/** PostgreSQL refuses to run as root. */
async function giveToServerUser(directory: string): Promise<ServerUser> {
  if (process.getuid?.() !== 0) return {}
  await chown(directory, nobody, nobody)
  return { uid: nobody, gid: nobody }
}

function startWatcher(directory: string): ChildProcess {
  const program = fileURLToPath(new URL('./postgres-watcher.ts', import.meta.url))
  const watcher = spawn(process.execPath, [program, directory], {
    stdio: ['pipe', 'ignore', 'inherit'],
    detached: true,
    env: { PATH: process.env['PATH'] },
  })
  watcher.unref()
  // Without its watcher a server is as good; only a run that is killed hard would then leave it behind.
  watcher.stdin.on('error', () => {})
  return watcher
}

async function freePort(): Promise<number> {
  for (;;) {
    const port = randomInt(lowestPort, highestPort)
    if (await isFree(port)) return port
  }
}

async function isFree(port: number): Promise<boolean> {
  const probe = createServer().listen(port, '127.0.0.1')
  try {
    await once(probe, 'listening')
  } catch (error) {
    if (errorCode(error) === 'EADDRINUSE' || errorCode(error) === 'EACCES') return false
    throw error
  }
  probe.close()
  await once(probe, 'close')
  return true
}

function hasEnded(child: ChildProcess): boolean {
  return child.exitCode !== null || child.signalCode !== null
}

/** Backends of PostgreSQL leave the postmaster's process group and outlive it until they next wait, so they are named one by one. */
export async function childrenOf(pid: number | undefined): Promise<number[]> {
  const rows = process.platform === 'linux' ? await processesOfLinux() : await processesByPs()
  return rows.flatMap((row) => (row.parent === pid ? [row.pid] : []))
}

interface ProcessRow {
  readonly pid: number
  readonly parent: number
}

/** proc_pid_stat(5); the name, in parentheses, may itself hold spaces and parentheses. Slim images have no `ps`. */
async function processesOfLinux(): Promise<ProcessRow[]> {
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name))
  const stats = await Promise.all(pids.map((pid) => readFile(`/proc/${pid}/stat`, 'latin1').catch(() => '')))
  return stats.map((stat) => ({
    pid: Number.parseInt(stat, 10),
    parent: Number(stat.slice(stat.lastIndexOf(')')).split(' ')[2]),
  }))
}

async function processesByPs(): Promise<ProcessRow[]> {
  const { stdout } = await run('ps', ['-A', '-o', 'pid=,ppid='])
  const rows = stdout
    .trim()
    .split('\n')
    .map((row) => row.trim().split(/\s+/))
  return rows.map(([pid, parent]) => ({ pid: Number(pid), parent: Number(parent) }))
}

function killIfAlive(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL')
  } catch (error) {
    if (errorCode(error) !== 'ESRCH') throw error
  }
}
