import { randomBytes } from 'node:crypto'
import type { Scope } from '@cutover/contract'
import type { FastifyInstance, InjectOptions, LightMyRequestResponse } from 'fastify'
import { pino } from 'pino'
import { createTemporaryDirectory } from '../../../test-support/temporary-directory.ts'
import { makeAccessToken, tokenHash } from '../src/access-tokens/token-format.ts'
import { randomId } from '../src/base62.ts'
import { loggerOptions } from '../src/log.ts'
import { assemble, type Cutover, readSettings, type Surroundings } from '../src/main.ts'
import type { Engine } from '../src/storage/engine.ts'
import type { WorkspaceId } from '../src/workspaces/workspace.ts'
import { askServer } from './ask-server.ts'
import { createMigratedDatabase } from './migrated-database.ts'
import { OpenApiConformance, type OpenApiDocument } from './openapi-conformance.ts'

export const engines = ['sqlite', 'postgres'] as const satisfies readonly Engine[]

/** A clock that a test sets; it stands still until then. */
export class TestClock {
  nowMs = Date.UTC(2026, 10, 21, 12)
}

export interface InProcessOptions extends Surroundings {
  readonly engine?: Engine
  readonly environment?: Readonly<Record<string, string>>
}

export interface TokenOptions {
  readonly scopes: readonly Scope[]
  /** Absent: an instance token. */
  readonly workspaceId?: WorkspaceId
  readonly expiresAtMs?: number
}

/** A whole server in this process, on a store of its own, every answer of which is held against its OpenAPI document. */
export interface InProcess extends AsyncDisposable {
  readonly cutover: Cutover
  readonly app: FastifyInstance
  readonly clock: TestClock
  readonly token: string
  readonly workspaceId: WorkspaceId
  readonly dataDirectory: string
  /** Each line that was logged; a test may clear it. */
  readonly log: string[]
  /** As the first token unless the request names another or none. */
  call(request: InjectOptions & { token?: string | null }): Promise<LightMyRequestResponse>
  createToken(options: TokenOptions): Promise<string>
  createWorkspace(name: string): Promise<WorkspaceId>
  /** Stops it and starts another one on the same store, with the same clock; either may be disposed of. */
  restart(): Promise<InProcess>
}

/** What outlives a server. */
interface Premises {
  readonly environment: Readonly<Record<string, string>>
  readonly clock: TestClock
  /** Set by the first start. */
  token: string
  remove(): Promise<void>
}

/** Of the first server: no setting changes the document, and to make it is a good part of a start. */
let conformance: OpenApiConformance | undefined

export async function startInProcess(options: InProcessOptions = {}): Promise<InProcess> {
  const directory = await createTemporaryDirectory()
  const database = options.engine === 'postgres' ? await createMigratedDatabase() : null
  const environment = {
    CUTOVER_DATA_DIR: directory.path,
    ...(database ? { CUTOVER_DATABASE_URL: database.url } : {}),
    ...options.environment,
  }
  const remove = async () => {
    await database?.drop()
    await directory.remove()
  }
  return startOn({ environment, clock: new TestClock(), token: '', remove }, options)
}

async function startOn(premises: Premises, options: InProcessOptions): Promise<InProcess> {
  const { clock } = premises
  const system = options.system ?? { nowMs: () => clock.nowMs, randomBytes }
  const log: string[] = []
  const settings = readSettings(premises.environment)
  const logger = pino(loggerOptions('debug'), { write: (line: string) => log.push(line) })
  const onFirstToken = (made: string) => {
    premises.token = made
  }
  const cutover = await assemble(settings, { ...options, system, logger, onFirstToken })
  let stopped: Promise<void> | undefined
  const stop = () => {
    stopped ??= cutover.stop()
    return stopped
  }
  const { app, store } = cutover
  await app.ready()
  conformance ??= new OpenApiConformance(app.swagger() as unknown as OpenApiDocument)
  const [workspaceId] = await store.read.workspaces.firstIds(1)
  if (!workspaceId) throw new Error('a first start makes a workspace')

  const { token } = premises
  return {
    cutover,
    app,
    clock,
    token,
    workspaceId,
    dataDirectory: settings.CUTOVER_DATA_DIR,
    log,
    async call({ token: presented = token, ...request }) {
      const authorization = presented === null ? {} : { authorization: `Bearer ${presented}` }
      const headers = { ...authorization, ...request.headers }
      const response = await askServer(app, { ...request, headers })
      conformance?.check(request.method ?? 'GET', String(request.url), response)
      return response
    },
    async createToken({ scopes, workspaceId: ofWorkspace = null, expiresAtMs = null }) {
      const made = makeAccessToken({ nowMs: Date.now, randomBytes })
      await store.transaction((tx) =>
        tx.accessTokens.insert({
          id: randomId('tok', system),
          workspaceId: ofWorkspace,
          name: 'a test',
          hash: tokenHash(made),
          scopes,
          environment: null,
          createdAtMs: system.nowMs(),
          createdBy: 'a test',
          parentId: null,
          rotatedBy: null,
          expiresAtMs,
        }),
      )
      return made
    },
    async createWorkspace(name) {
      const id = randomId('ws', system)
      const epoch = await store.transaction(async (tx) => {
        const advanced = await tx.epoch.advance()
        await tx.workspaces.insert({ id, name, createdAtMs: system.nowMs() })
        const { size, hash } = await tx.audit.head('instance')
        await tx.epoch.record(
          { epoch: advanced, workspaceId: id, part: 'workspaces' },
          { chain: 'instance', sequence: size, hash },
        )
        return advanced
      })
      await cutover.node.reach(epoch)
      return id
    },
    async restart() {
      await stop()
      return startOn(premises, options)
    },
    async [Symbol.asyncDispose]() {
      await stop()
      await premises.remove()
    },
  }
}
