import { type ChildProcess, spawn } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { onCore } from './cores.ts'
import { adopt, stop } from './processes.ts'
import type { SubjectServer } from './subject-server.ts'

const entryPoint = join(import.meta.dirname, '../packages/server/dist/serve.js')

export type Settings = Readonly<Record<`CUTOVER_${string}`, string>>

export interface StartedCutover extends SubjectServer {
  readonly pid: number
  /** What was given to Node may talk in messages. */
  readonly child: ChildProcess
}

/**
 * The server as it is shipped, with every setting that is not given at its default; on a new SQLite store, unless its
 * data directory is given, which stays.
 */
export async function startCutover(
  core: number | null,
  settings: Settings = {},
  nodeArguments: readonly string[] = [],
  parameters: readonly string[] = [],
): Promise<StartedCutover> {
  const given = settings['CUTOVER_DATA_DIR']
  const dataDirectory = given ?? mkdtempSync(join(tmpdir(), 'cutover-bench-'))
  const removeData = () => {
    if (given === undefined) rmSync(dataDirectory, { recursive: true, force: true })
  }
  process.once('exit', removeData)

  const [command, ...first] = onCore(core, process.execPath)
  const child = adopt(
    spawn(command, [...first, ...nodeArguments, entryPoint, ...parameters], {
      env: { ...plainEnvironment(), ...settings, PORT: '0', CUTOVER_DATA_DIR: dataDirectory },
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    }),
  )
  const { port, token } = await announcement(child, settings['CUTOVER_BOOTSTRAP_TOKEN'] ?? null)
  return {
    pid: child.pid ?? 0,
    child,
    port,
    token,
    async [Symbol.asyncDispose]() {
      await stop(child)
      removeData()
      process.off('exit', removeData)
    },
  }
}

/** Without what configures somebody's own Cutover. */
function plainEnvironment(): NodeJS.ProcessEnv {
  const isForeign = (name: string) => !(name.startsWith('CUTOVER_') || name === 'HOST' || name === 'PORT')
  return Object.fromEntries(Object.entries(process.env).filter(([name]) => isForeign(name)))
}

/** What it prints at its first start: where it listens, and its token, once, unless it was given one. */
function announcement(child: ChildProcess, given: string | null): Promise<{ port: number; token: string }> {
  const { promise, resolve, reject } = Promise.withResolvers<{ port: number; token: string }>()
  let printed = ''
  let logged = ''
  child.stderr?.setEncoding('utf8').on('data', (text: string) => {
    logged = `${logged}${text}`.slice(-2000)
  })
  child.stdout?.setEncoding('utf8').on('data', (text: string) => {
    printed += text
    const port = /http:\/\/127\.0\.0\.1:(\d+)/.exec(printed)?.[1]
    const token = given ?? /^\s*(cut_\w{38})\s*$/m.exec(printed)?.[1]
    if (port !== undefined && token !== undefined) resolve({ port: Number(port), token })
  })
  child.once('exit', () => reject(new Error(`Cutover did not start: ${logged}`)))
  child.once('error', reject)
  return promise
}
