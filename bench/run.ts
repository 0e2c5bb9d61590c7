import { relative } from 'node:path'
import { type Arena, openArena } from './arena.ts'
import { type Cores, chooseCores } from './cores.ts'
import { measureHostile } from './endurance/measure-hostile.ts'
import { measureOverload } from './endurance/measure-overload.ts'
import { measureSoak } from './endurance/measure-soak.ts'
import type { Finding } from './finding.ts'
import { describeMachine, stolenSeconds } from './machine.ts'
import { measureBatch } from './measure-batch.ts'
import { measureCounting } from './measure-counting.ts'
import { measureKeyset } from './measure-keyset.ts'
import { measureLatency } from './measure-latency.ts'
import { measureManagement } from './measure-management.ts'
import { measureNodes } from './measure-nodes.ts'
import { measureRequestVerification } from './measure-request-verification.ts'
import { measureStores } from './measure-stores.ts'
import { measureToken } from './measure-token.ts'
import { measureUsage } from './measure-usage.ts'
import { measureVerification } from './measure-verification.ts'
import { measureVerify } from './measure-verify.ts'
import { type Effort, type MeasurementName, type Options, readOptions } from './options.ts'
import { readOrExit } from './read-or-exit.ts'
import { writeResults, writeTiming } from './results-file.ts'
import { measureScale } from './scale/measure-scale.ts'
import { measureWorkers } from './scale/measure-workers.ts'
import { renderCurves, renderTable, renderTargets } from './table.ts'
import { settleTargets } from './targets.ts'
import { measureTiming } from './timing/measure-timing.ts'
import { isAsItMustBe, renderTiming } from './timing/timing-finding.ts'

type MeasureAlone = (effort: Effort, cores: Cores) => Promise<Finding[]>

const inProcess = { verify: measureVerify, keyset: measureKeyset, counting: measureCounting } satisfies Partial<
  Record<MeasurementName, MeasureAlone>
>

const onOwnServer = {
  management: measureManagement,
  usage: measureUsage,
  stores: measureStores,
  nodes: measureNodes,
  scale: measureScale,
  workers: measureWorkers,
  soak: measureSoak,
  overload: measureOverload,
  hostile: measureHostile,
} satisfies Partial<Record<MeasurementName, MeasureAlone>>

const overHttp = {
  verification: measureVerification,
  'request-verification': measureRequestVerification,
  latency: measureLatency,
  batch: measureBatch,
  token: measureToken,
} satisfies Record<
  Exclude<MeasurementName, keyof typeof inProcess | keyof typeof onOwnServer>,
  (effort: Effort, arena: Arena, cores: Cores) => Promise<Finding[]>
>

/** Of a core. */
const tolerableStolen = 0.1

const startedAt = new Date().toISOString()
const options = readOrExit(readOptions)
const cores = chooseCores()
const machine = describeMachine()
console.log(`${machine.cpu}, ${machine.cores} cores, ${machine.memoryGiB} GiB, ${machine.os}, Node ${machine.node}`)
console.log(`${startedAt}${options.quick ? ', quick' : ''}, ${expectedTime(options)}\n`)

const path = await (options.timing ? tellTiming() : tellMeasurements())
console.log(`in full: ${relative(process.cwd(), path)}`)

function expectedTime({ quick, only, timing }: Options): string {
  if (timing || only.length < 2) return 'some minutes'
  return quick ? 'about two minutes' : 'up to an hour'
}

async function tellMeasurements(): Promise<string> {
  const findings = [
    ...(await measureAlone(inProcess, options, cores)),
    ...(await measureOverHttp(options, cores)),
    ...(await measureAlone(onOwnServer, options, cores)),
  ]
  console.log(`\n${renderTable(findings)}\n`)
  if (findings.some(({ curve }) => curve)) console.log(`${renderCurves(findings)}\n`)
  console.log(`${renderTargets(settleTargets(findings))}\n`)
  return writeResults({ startedAt, machine, quick: options.quick, findings })
}

/** A leak is no figure to be weighed: it fails the run. */
async function tellTiming(): Promise<string> {
  const timing = await measureTiming(cores)
  console.log(`\n${renderTiming(timing)}\n${cores.caution === null ? '' : `! ${cores.caution}\n`}`)
  if (!timing.every(isAsItMustBe)) process.exitCode = 1
  return writeTiming({ startedAt, machine, timing })
}

async function measureAlone(
  measurements: Readonly<Record<string, MeasureAlone>>,
  { only, effort }: Options,
  cores: Cores,
): Promise<Finding[]> {
  const findings: Finding[] = []
  for (const [name, measure] of Object.entries(measurements)) {
    if (includes(only, name))
      findings.push(...(await orNothing(name, () => onThisMachine(() => measure(effort, cores)))))
  }
  return findings
}

async function measureOverHttp({ only, effort }: Options, cores: Cores): Promise<Finding[]> {
  const chosen = Object.entries(overHttp).filter(([name]) => includes(only, name))
  if (chosen.length === 0) return []
  await using arena = await announced('warm-up', () => openArena(effort, cores))
  const findings: Finding[] = []
  for (const [name, measure] of chosen) {
    const found = await orNothing(name, () => onThisMachine(() => measure(effort, arena, cores)))
    findings.push(...found.map((finding) => withCaution(finding, cores.caution)))
  }
  return findings
}

function includes(only: readonly string[], name: string): boolean {
  return only.includes(name)
}

async function announced<Result>(name: string, work: () => Promise<Result>): Promise<Result> {
  console.log(`${name} …`)
  const startMs = performance.now()
  const result = await work()
  console.log(`${name}: ${Math.round((performance.now() - startMs) / 1000)} s`)
  return result
}

/** What one measurement breaks off at is told, and fails the run at its end: what the others found is not lost. */
async function orNothing(name: string, work: () => Promise<Finding[]>): Promise<Finding[]> {
  try {
    return await announced(name, work)
  } catch (error) {
    console.log(`! ${name}: ${error instanceof Error ? error.message : String(error)}`)
    process.exitCode = 1
    return []
  }
}

/** The findings, with a word on it where the host of a virtual machine let it wait for much of the time. */
async function onThisMachine(work: () => Promise<Finding[]>): Promise<Finding[]> {
  const stolenBefore = stolenSeconds()
  const startMs = performance.now()
  const findings = await work()
  const stolen = (stolenSeconds() - stolenBefore) / ((performance.now() - startMs) / 1000)
  const caution = 'the host of this machine gave its cores to others meanwhile: measure again in quiet'
  return findings.map((finding) => withCaution(finding, stolen > tolerableStolen ? caution : null))
}

function withCaution(finding: Finding, caution: string | null): Finding {
  return caution === null ? finding : { ...finding, cautions: [...finding.cautions, caution] }
}
