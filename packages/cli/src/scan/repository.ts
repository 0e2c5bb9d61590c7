import { misused } from '../failure.ts'
import type { Terminal } from '../terminal.ts'
import { warn } from '../ui/report.ts'
import { onOneLine } from '../ui/table.ts'
import { Git } from './git.ts'

export interface Repository {
  readonly git: Git
  readonly isBare: boolean
}

/** The repository that a directory is in. What of its history is not here is told. */
export async function openRepository(directory: string, terminal: Terminal): Promise<Repository> {
  const git = new Git(directory, terminal.env)
  const { code, stdout, stderr } = await asked(git, 'rev-parse', '--is-bare-repository', '--is-shallow-repository')
  if (code !== 0) {
    throw misused(`${directory} has no history that git can read`, {
      hint: onOneLine(stderr.trim().split('\n')[0] ?? ''),
    })
  }
  const [isBare, isShallow] = stdout.toString().trim().split('\n')
  if (isShallow === 'true') {
    warn(terminal, 'this clone is shallow: what is older is not looked at; git fetch --unshallow gets it')
  }
  if ((await git.run('config', '--get-regexp', '^remote\\..*\\.promisor$')).code === 0) {
    warn(terminal, 'this clone is partial: objects that were not fetched yet are not looked at')
  }
  return { git, isBare: isBare === 'true' }
}

async function asked(git: Git, ...parameters: readonly string[]) {
  try {
    return await git.run(...parameters)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT')
      throw misused('git is not installed', { hint: '--git needs it' })
    throw error
  }
}
