import { failed } from '../failure.ts'
import type { Git } from './git.ts'
import { namesIn } from './list-files.ts'

/** The first commit that holds a blob, and the name that it has there, from the top of the repository. */
export interface Introduction {
  readonly commit: string
  /** ISO 8601, of its committer. */
  readonly committedAt: string
  readonly path: string
}

/** A command line has a limit; each is 55 characters long, or 79 with SHA-256. */
const mostAtOnce = 1000

/**
 * Finds out where blobs came from: in a commit as it differs from its parent; of what is left, in merges and in commits
 * that only a reflog remembers. A blob that is in no commit (staged, or cut loose) is left out.
 */
export async function findIntroductions(git: Git, blobs: readonly string[]): Promise<Map<string, Introduction>> {
  const found = new Map<string, Introduction>()
  for (const reach of [['--all'], ['--all', '--reflog', '-m']]) {
    const missing = blobs.filter((blob) => !found.has(blob))
    for (let at = 0; at < missing.length; at += mostAtOnce) {
      const some = new Set(missing.slice(at, at + mostAtOnce))
      for (const [blob, introduction] of await introductionsIn(git, reach, some)) found.set(blob, introduction)
    }
  }
  return found
}

async function introductionsIn(git: Git, reach: readonly string[], blobs: ReadonlySet<string>) {
  const { code, stdout, stderr } = await git.run(
    ...['log', ...reach, '--reverse', '--topo-order', '--no-ext-diff', '--no-textconv', '--no-renames'],
    ...['--raw', '-z', '--no-abbrev', '--format=commit %H %cI'],
    ...[...blobs].map((blob) => `--find-object=${blob}`),
  )
  if (code !== 0) throw failed(`git cannot read its log: ${stderr.trim().split('\n')[0]}`)
  return parseRawLog(stdout, blobs)
}

/**
 * NUL after each of: `commit <id> <time>`, and for each file `:<mode> <mode> <id before> <id after> <status>` and, a
 * field of its own, the name. A line feed may stand before the first of a commit's files.
 */
function parseRawLog(log: Buffer, blobs: ReadonlySet<string>): Map<string, Introduction> {
  const found = new Map<string, Introduction>()
  let commit = ''
  let committedAt = ''
  const fields = namesIn(log).values()
  for (const field of fields) {
    const text = field.toString().trimStart()
    if (text.startsWith(':')) {
      const path = fields.next().value?.toString() ?? ''
      const [, , , blob = ''] = text.split(' ')
      if (blobs.has(blob) && !found.has(blob)) found.set(blob, { commit, committedAt, path })
    } else {
      ;[, commit = '', committedAt = ''] = text.split(' ')
    }
  }
  return found
}
