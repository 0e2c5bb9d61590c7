import { PassThrough, Readable } from 'node:stream'
import { text } from 'node:stream/consumers'
import { run } from '../src/run.ts'
import type { Ended } from './run-cutover.ts'

interface InProcessOptions {
  readonly stdin?: string
  readonly env?: Readonly<Record<string, string>>
}

/** The same command line in this process: where a test asks so much that starting a process each time is most of it. */
export async function runInProcess(
  parameters: readonly string[],
  { stdin = '', env }: InProcessOptions = {},
): Promise<Ended> {
  const stdout = new PassThrough()
  const stderr = new PassThrough()
  const code = await run(parameters, {
    stdin: Readable.from([Buffer.from(stdin)]),
    stdout,
    stderr,
    env: { PATH: process.env['PATH'], XDG_CONFIG_HOME: '/nonexistent', ...env },
  })
  stdout.end()
  stderr.end()
  return { code, stdout: await text(stdout), stderr: await text(stderr) }
}
