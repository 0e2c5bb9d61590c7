import { mkdir, writeFile } from 'node:fs/promises'
import { join, relative } from 'node:path'
import { type Finding, isMet } from './finding.ts'
import type { Machine } from './machine.ts'
import type { Report } from './revocation/report.ts'
import { settleTargets } from './targets.ts'
import { isAsItMustBe, type TimingFinding } from './timing/timing-finding.ts'

const directory = join(import.meta.dirname, 'results')

export interface Results {
  readonly startedAt: string
  readonly machine: Machine
  readonly quick: boolean
  readonly findings: readonly Finding[]
}

/** One file for each run, named after its start; every round is in it. */
export function writeResults(results: Results): Promise<string> {
  const findings = results.findings.map((finding) => ({ ...finding, met: isMet(finding) }))
  return writeRun({ ...results, targets: settleTargets(results.findings), findings })
}

interface MeasuredResults extends Results {
  readonly targets: ReturnType<typeof settleTargets>
}

export interface TimingResults extends Omit<Results, 'quick' | 'findings'> {
  readonly timing: readonly TimingFinding[]
}

export function writeTiming(results: TimingResults): Promise<string> {
  const timing = results.timing.map((finding) => ({ ...finding, asItMustBe: isAsItMustBe(finding) }))
  return writeRun({ ...results, timing })
}

export interface RevocationResults extends Omit<Results, 'quick' | 'findings'> {
  readonly revocation: Report
}

export function writeRevocation(results: RevocationResults): Promise<string> {
  return writeRun(results)
}

/** All that was recorded of a run in which a promise was broken: many megabytes, and no secret. */
export async function writeHistory(startedAt: string, history: object): Promise<string> {
  const path = join(directory, `${startedAt.replaceAll(':', '-')}-history.json`)
  await writeFile(path, JSON.stringify(history))
  return relative(process.cwd(), path)
}

async function writeRun(run: MeasuredResults | TimingResults | RevocationResults): Promise<string> {
  await mkdir(directory, { recursive: true })
  const path = join(directory, `${run.startedAt.replaceAll(':', '-')}.json`)
  await writeFile(path, `${JSON.stringify(run, null, 2)}\n`)
  return path
}
