import { readFile, realpath, stat } from 'node:fs/promises'
import { dirname } from 'node:path'
import { failed, misused, refused } from '../failure.ts'
import { reasonOf, writePrivateFile } from '../private-file.ts'
import type { Terminal } from '../terminal.ts'
import { warn } from '../ui/report.ts'
import { withVariable } from './env-file.ts'
import { gitStanding } from './git-status.ts'
import type { Successor } from './rotation-state.ts'
import { runHook } from './run-hook.ts'

export interface DeploymentOptions {
  readonly deploy?: string
  readonly envFile?: string
  readonly name?: string
  readonly out?: string
}

/** Where the new secret goes. */
export interface Deployment {
  /** In words, for the plan. */
  readonly plan: string
  /** What can be found out before there is a secret; throws where it could not be handed over. */
  prepare(isResumed: boolean): Promise<void>
  /** May be done again with the same secret, after an interruption. */
  hand(secret: string, successor: Successor): Promise<void>
}

/** `null`: none was asked for. */
export function deploymentOf(options: DeploymentOptions, terminal: Terminal): Deployment | null {
  const { deploy, envFile, name, out } = options
  if ([deploy, envFile, out].filter((each) => each !== undefined).length > 1) {
    throw misused('Give one of --deploy, --env-file and --out')
  }
  if ((envFile === undefined) !== (name === undefined)) {
    throw misused('--env-file and --name go together', { hint: '--env-file .env --name INTERCOM_SECRET' })
  }
  if (deploy !== undefined) return byCommand(deploy, terminal)
  if (envFile !== undefined && name !== undefined) return intoEnvFile(envFile, name, terminal)
  return out === undefined ? null : intoFile(out, terminal)
}

function byCommand(command: string, terminal: Terminal): Deployment {
  return {
    plan: `give it to \`${command}\` on its standard input`,
    prepare: async () => {},
    hand: (stdin, successor) =>
      runHook(terminal, { what: 'The deploy command', command, stdin, env: hookEnvironment(successor) }),
  }
}

/** What a hook may know of the rotation; the secret is not among it. */
export function hookEnvironment({ id, fingerprint }: Successor): Readonly<Record<string, string>> {
  return { ROTATION_SECRET_ID: id, ROTATION_FINGERPRINT: fingerprint }
}

function intoEnvFile(file: string, name: string, terminal: Terminal): Deployment {
  if (!/^[A-Za-z_][A-Za-z0-9_]*$/.test(name)) throw misused(`${name} is no name of a variable`)
  return {
    plan: `set ${name} in ${file}`,
    async prepare() {
      const path = await realPathOf(file)
      const standing = await gitStanding(path)
      if (standing === 'tracked') {
        throw refused(`git tracks ${file}: the secret would be committed`, {
          hint: `git rm --cached ${file}, and add it to .gitignore`,
        })
      }
      if (standing === 'unignored') warn(terminal, `git does not ignore ${file}: add it to .gitignore`)
    },
    async hand(secret) {
      const path = await realPathOf(file)
      await writePrivateFile(path, withVariable(await readIfThere(path), name, secret))
    },
  }
}

function intoFile(file: string, terminal: Terminal): Deployment {
  if (file === '-') {
    return {
      plan: 'print it on standard output',
      prepare: async () => {},
      hand: async (secret) => void terminal.stdout.write(`${secret}\n`),
    }
  }
  return {
    plan: `write it to ${file}`,
    async prepare(isResumed) {
      await assertDirectory(file)
      if (!isResumed && (await readIfThere(file)) !== '') {
        throw refused(`${file} exists`, { hint: 'name another file, or remove it' })
      }
    },
    // Without a line break: programs that read the file as it is would sign with it.
    hand: (secret) => writePrivateFile(file, secret),
  }
}

/** A link is followed: what is replaced is the file that it points to. */
async function realPathOf(file: string): Promise<string> {
  try {
    return await realpath(file)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw failed(`${file} cannot be read: ${reasonOf(error)}`)
    await assertDirectory(file)
    return file
  }
}

async function assertDirectory(file: string): Promise<void> {
  const directory = await stat(dirname(file)).catch(() => null)
  if (!directory?.isDirectory()) throw failed(`${file} cannot be written: its directory does not exist`)
}

async function readIfThere(path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return ''
    throw failed(`${path} cannot be read: ${reasonOf(error)}`)
  }
}
