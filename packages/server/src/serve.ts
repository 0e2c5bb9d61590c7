import './require-node.ts'
import './short-lived-requests.ts'
import { MasterKeyError } from './sealing/master-keys.ts'
import { serve } from './start-serving.ts'
import { StartupRefusal } from './startup-refusal.ts'

try {
  await serve(process.argv.slice(2))
} catch (error) {
  process.stderr.write(`${refusalLine(error)}\n`)
  process.exitCode = 1
}

/** One line for what the operator can mend; anything else is a mistake of ours and shows where it happened. */
function refusalLine(error: unknown): string {
  if (error instanceof StartupRefusal || error instanceof MasterKeyError) return error.message
  return `Cutover cannot start: ${error instanceof Error ? error.stack : String(error)}`
}
