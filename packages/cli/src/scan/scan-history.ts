import { once } from 'node:events'
import { text } from 'node:stream/consumers'
import { pipeline } from 'node:stream/promises'
import { failed } from '../failure.ts'
import type { Candidate } from './find-candidates.ts'
import type { Git } from './git.ts'
import { type GitObject, ObjectStream } from './object-stream.ts'
import { TextScanner } from './text-scanner.ts'

export interface HistoryScan {
  found(candidate: Candidate, object: GitObject): void
  /** 1 at the end; it may go back a little. */
  progress(share: number): void
}

export interface HistoryCounts {
  readonly objects: number
  readonly bytes: number
}

/**
 * Every blob, commit and annotated tag that the repository holds, once, whether or not anything refers to it: a secret
 * in a commit that was amended is still there to be read.
 */
export async function scanHistory(git: Git, scan: HistoryScan): Promise<HistoryCounts> {
  const counts = { objects: 0, bytes: 0 }
  const listing: Listing = { total: await countObjects(git), listed: 0, wanted: 0 }
  const stream = new ObjectStream({
    object(object) {
      counts.objects++
      counts.bytes += object.bytes
      scan.progress(shareDone(listing, counts.objects))
      return new TextScanner((candidate) => scan.found(candidate, object))
    },
  })
  const all = ['--batch-all-objects', '--unordered', '--buffer']
  const list = git.start('cat-file', '--batch-check=%(objecttype) %(objectname)', ...all)
  const read = git.start('cat-file', '--batch', '--buffer')
  list.stdin.end()
  read.stdout.on('data', (chunk: Buffer) => stream.push(chunk))
  await Promise.all([
    pipeline(list.stdout, (lines: AsyncIterable<Buffer>) => idsOfInterest(lines, listing), read.stdin),
    assertSuccess(list),
    assertSuccess(read),
  ])
  return counts
}

/** How far the list of all objects has come, which runs ahead of their reading. */
interface Listing {
  readonly total: number
  listed: number
  wanted: number
}

function shareDone({ total, listed, wanted }: Listing, read: number): number {
  return total === 0 || wanted === 0 ? 0 : Math.min(1, (listed / total) * (read / wanted))
}

async function countObjects(git: Git): Promise<number> {
  const { stdout } = await git.run('count-objects', '-v')
  const counts = [...stdout.toString().matchAll(/^(?:count|in-pack): (\d+)$/gm)]
  return counts.reduce((sum, [, count]) => sum + Number(count), 0)
}

/** All but trees, which hold names and ids. */
async function* idsOfInterest(chunks: AsyncIterable<Buffer>, listing: Listing): AsyncGenerator<string> {
  let rest = ''
  for await (const chunk of chunks) {
    const lines = (rest + chunk.toString('latin1')).split('\n')
    rest = lines.pop() ?? ''
    const wanted = lines.filter((line) => !line.startsWith('tree '))
    listing.listed += lines.length
    listing.wanted += wanted.length
    yield wanted.map((line) => `${line.slice(line.indexOf(' ') + 1)}\n`).join('')
  }
}

async function assertSuccess(child: ReturnType<Git['start']>): Promise<void> {
  const [stderr, [code]] = await Promise.all([text(child.stderr), once(child, 'close')])
  if (code !== 0) throw failed(`git cannot read this repository: ${stderr.trim().split('\n')[0]}`)
}
