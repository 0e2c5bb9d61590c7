import { stat } from 'node:fs/promises'
import { profilePath } from '../profile.ts'
import type { Terminal } from '../terminal.ts'
import { type Check, ok, problem } from './check.ts'

/** Who else can read the token that `cutover login` saved. */
export async function checkProfile(terminal: Pick<Terminal, 'env'>): Promise<Check> {
  const path = profilePath(terminal)
  const found = await stat(path).catch(() => null)
  if (found === null) return ok('profile', 'no token is saved on this machine')
  if (process.platform === 'win32' || (found.mode & 0o077) === 0)
    return ok('profile', `${path} is for your account alone`)
  return problem('profile', `${path} can be read by others`, `chmod 600 ${path}, and exchange the token that is in it`)
}
