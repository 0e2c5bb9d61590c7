import { reasonOf } from '../private-file.ts'
import type { Candidate } from './find-candidates.ts'
import { type FileToScan, isGone } from './list-files.ts'
import { readFileInChunks } from './read-file.ts'
import { TextScanner } from './text-scanner.ts'

export interface FileScan {
  found(candidate: Candidate, path: string): void
  unreadable(path: Buffer, reason: string): void
  progress(bytes: number): void
}

export interface FileCounts {
  readonly files: number
  readonly bytes: number
  readonly binaryFiles: number
}

export function scanFiles(files: readonly FileToScan[], scan: FileScan): FileCounts {
  const counts = { files: 0, bytes: 0, binaryFiles: 0 }
  for (const { path } of files) {
    const name = path.toString()
    const scanner = new TextScanner((candidate) => scan.found(candidate, name))
    try {
      readFileInChunks(path, (chunk) => {
        scanner.push(chunk)
        counts.bytes += chunk.length
        scan.progress(counts.bytes)
      })
    } catch (error) {
      if (!isGone(error)) scan.unreadable(path, reasonOf(error))
      continue
    }
    scanner.end()
    counts.files++
    if (scanner.isBinary) counts.binaryFiles++
  }
  return counts
}
