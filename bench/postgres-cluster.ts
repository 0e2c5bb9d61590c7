import { randomBytes } from 'node:crypto'
import { type PostgresServer, startPostgresServer } from '../test-support/postgres-server.ts'
import { makeToken } from './make-token.ts'
import { type Settings, type StartedCutover, startCutover } from './start-cutover.ts'

/** Settings that nodes on one PostgreSQL share: where it is, the master key, and the first token. */
export type SharedSettings = Settings

export interface PostgresStore extends AsyncDisposable {
  readonly server: PostgresServer
  readonly settings: SharedSettings
}

/** A PostgreSQL server of its own, as strict about its disk as one that is used. */
export async function startPostgresStore(): Promise<PostgresStore> {
  const server = await startPostgresServer()
  const masterKeys = { keys: [{ kty: 'oct', kid: 'bench', k: randomBytes(32).toString('base64url') }] }
  return {
    server,
    settings: {
      CUTOVER_DATABASE_URL: server.url('postgres'),
      CUTOVER_MASTER_KEYS: JSON.stringify(masterKeys),
      CUTOVER_BOOTSTRAP_TOKEN: makeToken(),
    },
    [Symbol.asyncDispose]: () => server.remove(),
  }
}

export async function startNodes(count: number, settings: SharedSettings): Promise<readonly StartedCutover[]> {
  const nodes: StartedCutover[] = []
  for (let started = 0; started < count; started += 1) nodes.push(await startCutover(null, settings))
  return nodes
}
