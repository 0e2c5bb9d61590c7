import { relative } from 'node:path'
import { describeMachine } from '../machine.ts'
import { readOrExit } from '../read-or-exit.ts'
import { writeHistory, writeRevocation } from '../results-file.ts'
import { readOptions } from './options.ts'
import { renderReport, reportOf } from './report.ts'
import { runUnderFaults } from './run-under-faults.ts'

const startedAt = new Date().toISOString()
const options = readOrExit(readOptions)
const outcome = await runUnderFaults(options)
const report = reportOf(options, outcome)
console.log(renderReport(report))
const path = await writeRevocation({ startedAt, machine: describeMachine(), revocation: report })
console.log(`in full: ${relative(process.cwd(), path)}`)
if (report.violations.length > 0) {
  const { operations, verifications, windows } = outcome.recorder
  console.log(
    `the history: ${await writeHistory(startedAt, { operations, verifications, windows, logs: outcome.logs })}`,
  )
}
// With a bug planted it is the other way round.
const isBroken = report.violations.length > 0 || report.surprises.length > 0
process.exit(isBroken === (options.bug !== null) ? 0 : 1)
