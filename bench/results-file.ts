import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { type Finding, isMet } from './finding.ts'
import type { Machine } from './machine.ts'

export interface Results {
  readonly startedAt: string
  readonly machine: Machine
  readonly quick: boolean
  readonly findings: readonly Finding[]
}

/** One file for each run, named after its start; every round is in it. */
export async function writeResults(results: Results): Promise<string> {
  const directory = join(import.meta.dirname, 'results')
  await mkdir(directory, { recursive: true })
  const path = join(directory, `${results.startedAt.replaceAll(':', '-')}.json`)
  const findings = results.findings.map((finding) => ({ ...finding, met: isMet(finding) }))
  await writeFile(path, `${JSON.stringify({ ...results, findings }, null, 2)}\n`)
  return path
}
