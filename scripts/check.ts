import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { delimiter, join } from 'node:path'
import { text } from 'node:stream/consumers'

const root = join(import.meta.dirname, '..')
const programs = join(root, 'node_modules', '.bin')

/** All run at once; the commands of one run one after another, to the first that fails. */
const checks: Readonly<Record<string, readonly (readonly string[])[]>> = {
  'format, lint, import rules': [['biome', 'ci', '--error-on-warnings', '--colors=off']],
  // What is shipped, then tests and scripts, which see its sources.
  types: [
    ['tsc', '-b'],
    ['tsc', '--noEmit', '-p', 'tsconfig.tests.json'],
  ],
  'dead code': [['knip', '--treat-config-hints-as-errors']],
  'docs drift': [['node', join('scripts', 'docs-drift.ts')]],
}

interface Outcome {
  readonly passed: boolean
  readonly output: string
}

async function run([program = '', ...parameters]: readonly string[]): Promise<Outcome> {
  const child = spawn(program, parameters, {
    cwd: root,
    env: { ...process.env, PATH: `${programs}${delimiter}${process.env['PATH'] ?? ''}` },
    stdio: ['ignore', 'pipe', 'pipe'],
    // On Windows npm's programs are scripts.
    shell: process.platform === 'win32',
  })
  const [stdout, stderr, [code]] = await Promise.all([text(child.stdout), text(child.stderr), once(child, 'close')])
  return { passed: code === 0, output: stdout + stderr }
}

async function runAll(commands: readonly (readonly string[])[]): Promise<Outcome> {
  for (const command of commands) {
    const outcome = await run(command)
    if (!outcome.passed) return outcome
  }
  return { passed: true, output: '' }
}

async function check(name: string, commands: readonly (readonly string[])[]): Promise<boolean> {
  const startedAt = performance.now()
  const { passed, output } = await runAll(commands)
  const seconds = ((performance.now() - startedAt) / 1000).toFixed(1)
  console.log(`${passed ? 'ok    ' : 'FAILED'}  ${name} (${seconds} s)`)
  if (!passed) console.log(output)
  return passed
}

const passed = await Promise.all(Object.entries(checks).map(([name, commands]) => check(name, commands)))
const failed = Object.keys(checks).filter((_, index) => !passed[index])
console.log(failed.length === 0 ? 'All checks passed.' : `Failed: ${failed.join('; ')}`)
process.exitCode = failed.length === 0 ? 0 : 1
