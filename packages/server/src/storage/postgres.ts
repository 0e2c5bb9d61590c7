import { Kysely, type PostgresPool as KyselyPool, PostgresDialect, type PostgresPoolClient } from 'kysely'
import pg from 'pg'
import { DomainError } from '../domain-error.ts'
import { StartupRefusal } from '../startup-refusal.ts'
import type { Database } from './schema.ts'
import { StoreConflict, unavailable } from './store-failure.ts'

const oldestServer = 14
const int8Oid = 20

/**
 * Bounds on what a transaction may wait for, and a commit that is on disk before it is acknowledged even where the
 * database's default is laxer.
 */
const begin =
  'begin isolation level read committed; set local synchronous_commit = on; set local lock_timeout = 1000; ' +
  'set local statement_timeout = 2000; set local idle_in_transaction_session_timeout = 1000'

export interface PostgresPool {
  readonly connections: number
  /** For connecting, and for the answer to any one statement. */
  readonly timeoutMs: number
  /** Whether a statement outside a transaction is answered once it is on disk. */
  readonly isDurable: boolean
}

/** What requests wait for. */
const workPool: PostgresPool = { connections: 10, timeoutMs: 5000, isDurable: true }

export function openPostgres(
  url: string,
  { connections, timeoutMs, isDurable }: PostgresPool = workPool,
): Kysely<Database> {
  const pool = new pg.Pool({
    ...connectionSettings(url),
    ...(isDurable ? {} : { options: '-c synchronous_commit=off' }),
    max: connections,
    connectionTimeoutMillis: Math.min(timeoutMs, 3000),
    query_timeout: timeoutMs,
  })
  // A client without a listener ends the process when its backend is killed; the pool replaces it by itself. From when it
  // is connected on: what tells of that may be in the same packet.
  pool.on('error', () => {})
  pool.on('connect', (client) => client.on('error', () => {}))
  return new Kysely<Database>({ dialect: new PostgresDialect({ pool: strictCommits(pool) }) })
}

/** Also for connections outside the pool. */
export function connectionSettings(url: string): pg.ClientConfig {
  return {
    connectionString: url,
    application_name: 'cutover',
    keepAlive: true,
    keepAliveInitialDelayMillis: 5000,
    query_timeout: 5000,
    types: { getTypeParser: (oid: number, format?: 'text' | 'binary') => typeParser(oid, format) },
  } as pg.ClientConfig
}

/** Refuses a server on which an acknowledged commit could be lost. */
export async function assertDurable(db: Kysely<Database>): Promise<void> {
  const settings = await db
    .selectNoFrom((eb) => [
      eb.fn<string>('current_setting', [eb.val('server_version_num')]).as('version'),
      eb.fn<string>('current_setting', [eb.val('fsync')]).as('fsync'),
      eb.fn<string>('current_setting', [eb.val('full_page_writes')]).as('fullPageWrites'),
      eb.fn<boolean>('pg_is_in_recovery', []).as('inRecovery'),
    ])
    .executeTakeFirstOrThrow()
  if (Number(settings.version) < oldestServer * 10_000) {
    throw new StartupRefusal(`PostgreSQL ${oldestServer} or newer is needed.`)
  }
  if (settings.inRecovery)
    throw new StartupRefusal('The database is a standby: point CUTOVER_DATABASE_URL at the primary.')
  if (settings.fsync !== 'on' || settings.fullPageWrites !== 'on') {
    throw new StartupRefusal(
      'The database runs with fsync or full_page_writes off and can lose a deletion: turn them on.',
    )
  }
}

function typeParser(oid: number, format?: 'text' | 'binary') {
  return oid === int8Oid ? parseInt8 : pg.types.getTypeParser(oid, format)
}

function parseInt8(text: string): number {
  const value = Number(text)
  if (!Number.isSafeInteger(value)) throw new RangeError('an integer of the database is past 2^53')
  return value
}

/** Gives `begin` its bounds, and makes an error of a COMMIT that only may have happened. */
function strictCommits(pool: pg.Pool): KyselyPool {
  const wrapped = new WeakMap<pg.PoolClient, PostgresPoolClient>()
  return {
    options: pool.options,
    end: () => pool.end(),
    async connect() {
      const client = await pool.connect().catch((error: unknown) => {
        throw translate(error)
      })
      const known = wrapped.get(client) ?? strictClient(client)
      wrapped.set(client, known)
      return known
    },
  }
}

function strictClient(client: pg.PoolClient): PostgresPoolClient {
  let isBroken = false
  const query = async (sql: string, parameters: readonly unknown[]): Promise<unknown> => {
    try {
      if (sql === 'commit') return await commit(client)
      return await client.query(sql === 'begin' ? begin : sql, [...parameters])
    } catch (error) {
      // An answer that did not come in time may still come, and would be taken for that to the next statement.
      isBroken ||= !(error instanceof pg.DatabaseError)
      throw translate(error)
    }
  }
  // Sound: Kysely calls `query` with text and parameters only, there being no cursor in the dialect's settings.
  return { query, release: () => client.release(isBroken) } as unknown as PostgresPoolClient
}

/** A lost reply, or a warning (a synchronous standby that was not waited for), is an unknown outcome: never success. */
async function commit(client: pg.PoolClient): Promise<unknown> {
  const warnings: string[] = []
  const onNotice = (notice: { severity?: string | undefined; message?: string | undefined }) => {
    if (notice.severity === 'WARNING') warnings.push(notice.message ?? '')
  }
  client.on('notice', onNotice)
  try {
    const result = await client.query('commit')
    if (warnings.length === 0) return result
  } catch (error) {
    throw unavailable(error)
  } finally {
    client.off('notice', onNotice)
  }
  throw unavailable(new Error(`COMMIT came with a warning: ${warnings.join('; ')}`))
}

function translate(error: unknown): unknown {
  if (error instanceof DomainError) return error
  return error instanceof pg.DatabaseError ? translateServerError(error) : unavailable(error)
}

/** By SQLSTATE (PostgreSQL's documentation, appendix A); anything else is a mistake of ours. */
function translateServerError(error: pg.DatabaseError): unknown {
  const code = error.code ?? ''
  if (['40001', '40P01', '55P03'].includes(code)) return new StoreConflict(error)
  // Connection, resources, operator intervention (shutdown, cancel, timeouts), system errors, read-only, internal.
  const passing = ['08', '25006', '25P03', '53', '57', '58', 'XX']
  return passing.some((prefix) => code.startsWith(prefix)) ? unavailable(error) : error
}
