import { lstat, realpath, stat } from 'node:fs/promises'
import { dirname } from 'node:path'
import { secretFingerprint } from '@cutover/signing'
import { misused } from '../failure.ts'
import { reasonOf } from '../private-file.ts'
import type { Terminal } from '../terminal.ts'
import { type Progress, showProgress } from '../ui/progress.ts'
import { warn } from '../ui/report.ts'
import { onOneLine } from '../ui/table.ts'
import { Findings, type FoundSecret, type Place } from './findings.ts'
import type { Git } from './git.ts'
import { withIntroductions } from './history-places.ts'
import { findIntroductions } from './introductions.ts'
import type { KnownSecrets } from './known-secrets.ts'
import { type FileList, listFiles } from './list-files.ts'
import { openRepository, type Repository } from './repository.ts'
import { type FileCounts, scanFiles } from './scan-files.ts'
import { type HistoryCounts, scanHistory } from './scan-history.ts'

export interface ScanOptions {
  /** Also what git ignores. */
  readonly all?: boolean
  /** Also all that the repository ever held. */
  readonly git?: boolean
}

export interface Unreadable {
  readonly path: string
  readonly reason: string
}

export interface Scanned extends FileCounts {
  readonly secrets: readonly FoundSecret[]
  readonly unreadable: readonly Unreadable[]
  /** `null`: not looked at. */
  readonly history: HistoryCounts | null
}

/** Looks for secrets below a path. Nothing that it finds leaves this machine. */
export async function scan(
  path: string,
  options: ScanOptions,
  known: KnownSecrets,
  terminal: Terminal,
): Promise<Scanned> {
  const root = await rootAt(path)
  const repository = options.git ? await openRepository(root.directory, terminal) : null
  const findings = new Findings(
    ({ kind, text }) => kind !== 'identity_secret' || known.identity?.has(secretFingerprint(text)) === true,
  )
  const unreadable: Unreadable[] = []
  const noteUnreadable = (file: Buffer, reason: string) => unreadable.push({ path: file.toString(), reason })
  const list = root.file ?? (await listBelow(path, options, repository, noteUnreadable, terminal))
  const counts = scanPresent(list, findings, noteUnreadable, watched(terminal, 'Files'))
  const history = repository && (await scanPast(repository.git, findings, watched(terminal, 'History')))
  const secrets = repository ? await dated(findings.secrets(), repository.git) : findings.secrets()
  return { ...counts, secrets, unreadable, history }
}

const nowhere = { path: null, commit: null, committedAt: null, object: null } as const

async function rootAt(path: string): Promise<{ readonly directory: string; readonly file: FileList | null }> {
  try {
    const stats = await stat(path)
    if (stats.isDirectory()) return { directory: path, file: null }
    // A link that was named was meant; one that is met on the way is not followed.
    const target = (await lstat(path)).isSymbolicLink() ? await realpath(path) : path
    const file = { path: Buffer.from(target), bytes: stats.size }
    return { directory: dirname(target), file: { files: [file], repositories: [] } }
  } catch (error) {
    throw misused(`${path} cannot be scanned: ${reasonOf(error)}`)
  }
}

async function listBelow(
  path: string,
  { all = false }: ScanOptions,
  repository: Repository | null,
  unreadable: (path: Buffer, reason: string) => void,
  terminal: Terminal,
): Promise<FileList> {
  if (repository?.isBare) return { files: [], repositories: [] }
  const tellOnce = (line: string) => warn(terminal, onOneLine(line))
  const list = await listFiles(path, { all, env: terminal.env, unreadable, warn: tellOnce })
  for (const other of repository ? list.repositories : []) {
    warn(terminal, `${onOneLine(other)} is a repository of its own: scan its history there, with --git`)
  }
  return list
}

/** A log that nobody watches is spared it. */
function watched(terminal: Terminal, what: string): Progress {
  return terminal.stderr.isTTY ? showProgress(terminal, what) : { at() {}, end() {} }
}

function scanPresent(
  { files }: FileList,
  findings: Findings,
  unreadable: (path: Buffer, reason: string) => void,
  progress: Progress,
): FileCounts {
  const total = files.reduce((sum, { bytes }) => sum + bytes, 0)
  const counts = scanFiles(files, {
    found: (candidate, path) => findings.add(candidate, { ...nowhere, in: 'file', path }),
    unreadable,
    progress: (bytes) => progress.at(bytes, total),
  })
  progress.end()
  return counts
}

async function scanPast(git: Git, findings: Findings, progress: Progress): Promise<HistoryCounts> {
  const counts = await scanHistory(git, {
    found(candidate, { id, type }) {
      if (type === 'commit') findings.add(candidate, { ...nowhere, in: 'commit_message', commit: id })
      else findings.add(candidate, { ...nowhere, in: type === 'tag' ? 'tag_message' : 'history', object: id })
    },
    progress: (share) => progress.at(share, 1),
  })
  progress.end()
  return counts
}

async function dated(secrets: readonly FoundSecret[], git: Git): Promise<readonly FoundSecret[]> {
  const blobs = secrets.flatMap(({ places }) => places.filter(({ in: kind }) => kind === 'history').map(blobOf))
  const introductions = await findIntroductions(git, [...new Set(blobs)])
  return secrets.map((secret) => ({ ...secret, places: withIntroductions(secret.places, introductions) }))
}

function blobOf({ object }: Place): string {
  return object ?? ''
}
