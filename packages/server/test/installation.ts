import { randomBytes } from 'node:crypto'
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import BetterSqlite from 'better-sqlite3'
import { Kysely, SqliteDialect } from 'kysely'
import { onTestFinished } from 'vitest'
import { createPostgresDatabase } from '../../../test-support/databases.ts'
import { createTemporaryDirectory } from '../../../test-support/temporary-directory.ts'
import type { Engine } from '../src/storage/engine.ts'
import { openPostgres } from '../src/storage/postgres.ts'
import type { Database } from '../src/storage/schema.ts'
import { Caller } from './caller.ts'
import {
  type AtEnd,
  attemptStart,
  type Environment,
  type RefusedStart,
  type RunningCutover,
  type SpawnOptions,
  startCutover,
} from './start-cutover.ts'

export const engines: readonly Engine[] = ['sqlite', 'postgres']

/** Every row of every table, the rows as JSON and sorted: equal when the stores hold the same. */
export type StoreContents = Readonly<Record<string, readonly string[]>>

export type CalledCutover = RunningCutover & { readonly caller: Caller }

/** A data directory and a store that belong to one test, and the processes that the test runs on them. */
export interface Installation {
  readonly engine: Engine
  /** Does not exist before the first start. */
  readonly dataDirectory: string
  /** Empty on SQLite. */
  readonly databaseUrl: string
  /** Set from the first start on. */
  readonly token: string
  start(environment?: Environment, options?: SpawnOptions): Promise<CalledCutover>
  /** Runs a start that is expected to be refused. */
  attempt(environment?: Environment, options?: SpawnOptions): Promise<RefusedStart>
  /** Looks at the store from outside, while a process runs on it or none does. */
  read<Result>(look: (db: Kysely<Database>) => Promise<Result>): Promise<Result>
  contents(): Promise<StoreContents>
  /** Everything the process wrote to disk or database, as Latin-1, the master keys left out. */
  storedText(): Promise<string>
}

/** An installation that nobody has started yet; it is removed when the test ends. */
export async function createInstallation(
  engine: Engine = 'sqlite',
  atEnd: AtEnd = onTestFinished,
): Promise<Installation> {
  const directory = await createTemporaryDirectory()
  atEnd(() => directory.remove())
  const dataDirectory = join(directory.path, 'data')
  if (engine === 'sqlite') return new TestInstallation(engine, dataDirectory, '', atEnd)
  const database = await createPostgresDatabase()
  atEnd(() => database.drop())
  return new TestInstallation(engine, dataDirectory, database.url, atEnd)
}

class TestInstallation implements Installation {
  readonly engine: Engine
  readonly dataDirectory: string
  token = ''
  readonly databaseUrl: string
  readonly #atEnd: AtEnd

  constructor(engine: Engine, dataDirectory: string, databaseUrl: string, atEnd: AtEnd) {
    this.engine = engine
    this.dataDirectory = dataDirectory
    this.databaseUrl = databaseUrl
    this.#atEnd = atEnd
  }

  async start(environment: Environment = {}, options: SpawnOptions = {}): Promise<CalledCutover> {
    const cutover = await startCutover(this.#environment(environment), options, this.#atEnd)
    this.token = cutover.firstToken ?? this.token
    return Object.assign(cutover, { caller: new Caller(cutover.address, this.token) })
  }

  attempt(environment: Environment = {}, options: SpawnOptions = {}): Promise<RefusedStart> {
    return attemptStart(this.#environment(environment), options)
  }

  async read<Result>(look: (db: Kysely<Database>) => Promise<Result>): Promise<Result> {
    const db = this.databaseUrl === '' ? openForReading(this.dataDirectory) : openPostgres(this.databaseUrl)
    try {
      return await look(db)
    } finally {
      await db.destroy()
    }
  }

  contents(): Promise<StoreContents> {
    return this.read(async (db) => {
      const tables = await db.introspection.getTables({ withInternalKyselyTables: true })
      const names = tables
        .map(({ name }) => name as keyof Database) // sound: only their rows are read
        // Who is alive is no contents: it changes by itself.
        .filter((name) => name !== 'nodes')
        .sort()
      const rows = await Promise.all(names.map((name) => db.selectFrom(name).selectAll().execute()))
      return Object.fromEntries(names.map((name, index) => [name, (rows[index] ?? []).map(toJson).sort()]))
    })
  }

  async storedText(): Promise<string> {
    const files = Object.values(await storeFiles(this.dataDirectory)).map((bytes) => bytes.toString('latin1'))
    const rows = this.engine === 'sqlite' ? [] : Object.values(await this.contents()).flat()
    return [...files, ...rows].join('\n')
  }

  #environment(environment: Environment): Environment {
    const store = this.databaseUrl === '' ? {} : { CUTOVER_DATABASE_URL: this.databaseUrl }
    return { CUTOVER_DATA_DIR: this.dataDirectory, ...store, ...environment }
  }
}

/** The files of a data directory by name, the master keys left out. */
export async function storeFiles(directory: string): Promise<Readonly<Record<string, Buffer>>> {
  const names = (await readdir(directory)).filter((name) => name !== 'master-keys.json')
  const files = await Promise.all(names.map((name) => readFile(join(directory, name))))
  return Object.fromEntries(names.map((name, index) => [name, files[index] ?? Buffer.alloc(0)]))
}

/** A set with one new master key, as CUTOVER_MASTER_KEYS takes it. */
export function masterKeySet(kid: string): string {
  return JSON.stringify({ keys: [{ kty: 'oct', kid, k: randomBytes(32).toString('base64url') }] })
}

function openForReading(dataDirectory: string): Kysely<Database> {
  const database = new BetterSqlite(join(dataDirectory, 'cutover.db'), { readonly: true, timeout: 5000 })
  return new Kysely<Database>({ dialect: new SqliteDialect({ database }) })
}

function toJson(row: unknown): string {
  return JSON.stringify(row)
}
