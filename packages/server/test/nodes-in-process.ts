import { randomBytes } from 'node:crypto'
import type { FastifyInstance, InjectOptions, LightMyRequestResponse } from 'fastify'
import { pino } from 'pino'
import { createTemporaryDirectory } from '../../../test-support/temporary-directory.ts'
import { assemble, type Cutover, readSettings } from '../src/main.ts'
import { askServer } from './ask-server.ts'
import { TestClock } from './in-process.ts'
import { masterKeySet } from './installation.ts'
import { createMigratedDatabase } from './migrated-database.ts'

/** One of several servers of this process, with a test's own clock in place of its machine's. */
export interface NodeInProcess {
  readonly cutover: Cutover
  readonly app: FastifyInstance
  call(request: InjectOptions): Promise<LightMyRequestResponse>
}

export interface NodesInProcess extends AsyncDisposable {
  readonly nodes: readonly [NodeInProcess, NodeInProcess]
  readonly clock: TestClock
}

/** Two servers on one PostgreSQL database. */
export async function startTwoNodes(): Promise<NodesInProcess> {
  const database = await createMigratedDatabase()
  const directory = await createTemporaryDirectory()
  const clock = new TestClock()
  const system = { nowMs: () => clock.nowMs, randomBytes }
  const masterKeys = masterKeySet('shared')
  let token = ''
  const onFirstToken = (made: string) => {
    token = made
  }
  const start = async (name: string): Promise<NodeInProcess> => {
    const settings = readSettings({
      CUTOVER_DATA_DIR: `${directory.path}/${name}`,
      CUTOVER_DATABASE_URL: database.url,
      CUTOVER_MASTER_KEYS: masterKeys,
      CUTOVER_RATE_LIMIT_PER_MINUTE: '0',
    })
    const cutover = await assemble(settings, { system, logger: pino({ level: 'silent' }), onFirstToken })
    const { app } = cutover
    await app.ready()
    const call = (request: InjectOptions) =>
      askServer(app, { ...request, headers: { authorization: `Bearer ${token}`, ...request.headers } })
    return { cutover, app, call }
  }
  const first = await start('first')
  const second = await start('second')
  return {
    nodes: [first, second],
    clock,
    async [Symbol.asyncDispose]() {
      await first.cutover.stop()
      await second.cutover.stop()
      await database.drop()
      await directory.remove()
    },
  }
}
