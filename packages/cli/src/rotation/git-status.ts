import { execFile } from 'node:child_process'
import { basename, dirname } from 'node:path'

export type GitStanding = 'tracked' | 'ignored' | 'unignored' | 'no_repository'

/** What git would do with a file: a secret in a tracked one is committed sooner or later. */
export async function gitStanding(path: string): Promise<GitStanding> {
  const file = ['--', basename(path)]
  const tracked = await git(dirname(path), ['ls-files', '--error-unmatch', ...file])
  if (tracked === 0) return 'tracked'
  if (tracked !== 1) return 'no_repository'
  return (await git(dirname(path), ['check-ignore', '--quiet', ...file])) === 0 ? 'ignored' : 'unignored'
}

/** Its exit code; 128 where there is no repository, and where there is no git. */
function git(directory: string, parameters: readonly string[]): Promise<number> {
  return new Promise((resolve) => {
    execFile('git', ['-C', directory, ...parameters], (error) => {
      const code = error === null ? 0 : error.code
      resolve(typeof code === 'number' ? code : 128)
    })
  })
}
