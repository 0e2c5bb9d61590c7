import { hash, randomBytes } from 'node:crypto'
import { mkdtempDisposable, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { filledWorkspaceId, fillTenants } from '../../packages/server/test/fill-tenants.ts'
import { openPostgresForFilling, openSqliteForFilling, runOnce } from '../../packages/server/test/open-for-filling.ts'
import { startPostgresServer } from '../../test-support/postgres-server.ts'
import { makeToken } from '../make-token.ts'
import type { SharedSettings } from '../postgres-cluster.ts'
import { startCutover } from '../start-cutover.ts'
import { materialOf, sealMaterial } from './seal.ts'

export const secretsEach = 2

/** What there is to ask about in a store of no size. */
const fewWorkspaces = 200

/** What a store of a million secrets would be given: with its first 64 MB it would mostly wait for its disk. */
const asForTheLargest = { shared_buffers: '1GB', max_wal_size: '8GB' }

export type ScaleEngine = 'SQLite' | 'PostgreSQL'

/** A secret of a workspace that was filled in. */
export interface FilledSecret {
  readonly workspaceId: string
  readonly id: string
  readonly material: string
}

/** A store with many tenants, which a server can be started on. */
export interface ScaleStore extends AsyncDisposable {
  /** Identity secrets. */
  readonly size: number
  readonly settings: SharedSettings
  /** 0 before there is anything to ask about. */
  readonly workspaces: number
  /** While no server is on it. */
  fill(): Promise<void>
  /** The first of the `index`th workspace, from 1 on. */
  secretOf(index: number): FilledSecret
  bytes(): Promise<number>
}

interface Place {
  readonly settings: SharedSettings
  open(): ReturnType<typeof openSqliteForFilling>
  /** Everything written, and known to whoever plans statements. */
  settle(): Promise<void>
  bytes(): Promise<number>
  remove(): Promise<void>
}

/** Stores of these sizes on one engine, each made by a first start and still empty. */
export async function makeStores(
  engine: ScaleEngine,
  sizes: readonly number[],
): Promise<{ readonly stores: readonly ScaleStore[] } & AsyncDisposable> {
  await using making = new AsyncDisposableStack()
  const postgres = engine === 'PostgreSQL' ? making.use(await startPostgresServer({ settings: asForTheLargest })) : null
  const stores: ScaleStore[] = []
  for (const size of sizes) {
    const place = postgres === null ? await onSqlite() : await onPostgres(postgres.url(`postgres`), `size_${size}`)
    stores.push(making.use(await makeStore(place, size)))
  }
  const made = making.move()
  return { stores, [Symbol.asyncDispose]: () => made.disposeAsync() }
}

async function makeStore(place: Place, size: number): Promise<ScaleStore> {
  const key = { kid: 'bench', key: randomBytes(32) }
  const masterKeys = { keys: [{ kty: 'oct', kid: key.kid, k: key.key.toString('base64url') }] }
  const settings = {
    ...place.settings,
    CUTOVER_MASTER_KEYS: JSON.stringify(masterKeys),
    CUTOVER_BOOTSTRAP_TOKEN: makeToken(),
  }
  const first = await startCutover(null, settings)
  await first[Symbol.asyncDispose]()
  let firstId = 0
  let workspaces = 0
  return {
    size,
    settings,
    get workspaces() {
      return workspaces
    },
    async fill() {
      workspaces = Math.max(fewWorkspaces, size / secretsEach)
      const seal = (row: { workspaceId: string; id: string }) => ({
        sealed: sealMaterial(key, row),
        fingerprint: `sha256:${hash('sha256', materialOf(row.id)).slice(0, 16)}`,
      })
      const db = place.open()
      firstId = await db.transaction().execute((tx) => fillTenants(tx, { workspaces, secretsEach, seal }, Date.now()))
      await db.destroy()
      await place.settle()
    },
    secretOf(index) {
      const id = String(firstId + (index - 1) * secretsEach)
      return { workspaceId: filledWorkspaceId(index), id, material: materialOf(id) }
    },
    bytes: () => place.bytes(),
    [Symbol.asyncDispose]: () => place.remove(),
  }
}

async function onSqlite(): Promise<Place> {
  const directory = await mkdtempDisposable(join(tmpdir(), 'cutover-bench-'))
  const path = join(directory.path, 'cutover.db')
  const open = () => openSqliteForFilling(path)
  return {
    settings: { CUTOVER_DATA_DIR: directory.path },
    open,
    settle: async () => void (await runOnce(open(), 'pragma wal_checkpoint(TRUNCATE)')),
    bytes: async () => (await stat(path)).size,
    remove: () => directory.remove(),
  }
}

async function onPostgres(adminUrl: string, name: string): Promise<Place> {
  const url = adminUrl.replace(/[^/]+$/, name)
  const open = () => openPostgresForFilling(url)
  await runOnce(openPostgresForFilling(adminUrl), `create database ${name}`)
  const directory = await mkdtempDisposable(join(tmpdir(), 'cutover-bench-'))
  return {
    settings: { CUTOVER_DATA_DIR: directory.path, CUTOVER_DATABASE_URL: url },
    open,
    // As its autovacuum does by itself, later.
    settle: async () => void (await runOnce(open(), 'vacuum analyze')),
    async bytes() {
      const [row] = await runOnce<{ bytes: string }>(open(), 'select pg_database_size(current_database()) as bytes')
      return Number(row?.bytes)
    },
    remove: () => directory.remove(),
  }
}
