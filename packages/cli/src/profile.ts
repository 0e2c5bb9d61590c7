import { mkdir, readFile } from 'node:fs/promises'
import { homedir } from 'node:os'
import { dirname, join } from 'node:path'
import { failed } from './failure.ts'
import { assertPrivate, reasonOf, writePrivateFile } from './private-file.ts'
import type { Terminal } from './terminal.ts'

/** Where a user is logged in. */
export interface Profile {
  readonly url: string
  readonly token: string
  readonly workspace?: string | undefined
}

/** `$XDG_CONFIG_HOME/cutover/profile.json`, by default below `~/.config`. */
export function profilePath({ env }: Pick<Terminal, 'env'>): string {
  return join(env['XDG_CONFIG_HOME'] || join(homedir(), '.config'), 'cutover', 'profile.json')
}

/** `null`: nobody logged in. A file that others can read is refused: the token in it is no secret any more. */
export async function readProfile(terminal: Pick<Terminal, 'env'>): Promise<Profile | null> {
  const path = profilePath(terminal)
  let text: string
  try {
    text = await readFile(path, 'utf8')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null
    throw failed(`${path} cannot be read: ${reasonOf(error)}`)
  }
  await assertPrivate(path)
  const profile = parse(text)
  if (!profile) throw failed(`${path} is not what \`cutover login\` writes`, { hint: 'log in again: cutover login' })
  return profile
}

export async function writeProfile(terminal: Pick<Terminal, 'env'>, profile: Profile): Promise<string> {
  const path = profilePath(terminal)
  await mkdir(dirname(path), { recursive: true, mode: 0o700 })
  await writePrivateFile(path, `${JSON.stringify(profile, null, 2)}\n`)
  return path
}

function parse(text: string): Profile | null {
  try {
    const { url, token, workspace } = JSON.parse(text) as Record<string, unknown>
    if (typeof url !== 'string' || typeof token !== 'string') return null
    return { url, token, ...(typeof workspace === 'string' ? { workspace } : {}) }
  } catch {
    return null
  }
}
