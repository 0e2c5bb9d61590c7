import type { Terminal } from '../../terminal.ts'
import { report, tell } from '../../ui/report.ts'
import { onThisMachine } from './on-this-machine.ts'

export interface LocalTokenOptions {
  readonly name?: string
  readonly json?: boolean
}

/** `cutover tokens create --local`: an instance token with every scope, for who is on the machine of the server. */
export async function createLocalToken(options: LocalTokenOptions, terminal: Terminal): Promise<void> {
  const { name = 'Made on the machine' } = options
  const token = await onThisMachine(terminal, (local, settings) => local.makeLocalToken(settings, name))
  if (!options.json) tell(terminal, 'Made a token that may do everything. It is shown this once; keep it safe.')
  report(terminal, options, { token, name: name.trim() }, () => token)
}
