import type { Terminal } from '../../terminal.ts'

export interface LocalTokenOptions {
  readonly name?: string
  readonly json?: boolean
}

export async function createLocalToken(options: LocalTokenOptions, terminal: Terminal): Promise<void> {
  throw new Error(`not written yet: ${JSON.stringify(options)} ${terminal.stdout.columns}`)
}
