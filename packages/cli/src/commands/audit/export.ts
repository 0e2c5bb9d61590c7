import { once } from 'node:events'
import type { CutoverClient } from '@cutover/client'
import { Command, Option } from 'commander'
import { type ConnectionOptions, connect, withConnection } from '../../connection.ts'
import { misused } from '../../failure.ts'
import { Interruption } from '../../rotation/interruption.ts'
import { scoped } from '../../scoped.ts'
import type { Terminal } from '../../terminal.ts'
import { report } from '../../ui/report.ts'
import { appendCheckpoint, writeWhole } from './export-files.ts'

interface ExportOptions extends ConnectionOptions {
  readonly out?: string
  readonly chain?: 'instance'
  readonly checkpointOut?: string
}

export function exportCommand(terminal: Terminal): Command {
  return withConnection(new Command('export'))
    .description('the whole chain, oldest first, one entry on each line')
    .option('--out <file>', 'into this file (0600), whole or not at all; otherwise on standard output')
    .addOption(new Option('--chain <chain>', 'what belongs to no workspace').choices(['instance']))
    .option(
      '--checkpoint-out <file>',
      'add a signed checkpoint to this file, as a line: keep it elsewhere than the log',
    )
    .action(scoped('read_audit_log', (options: ExportOptions) => exportChain(options, terminal)))
}

async function exportChain(options: ExportOptions, terminal: Terminal): Promise<void> {
  if (options.json && options.out === undefined) {
    throw misused('The export is on standard output: --json goes with --out')
  }
  const { client } = await connect(options, terminal)
  const interruption = new Interruption()
  try {
    await exportUntil(interruption.signal, client, options, terminal)
  } catch (error) {
    interruption.throwIfAsked()
    throw error
  } finally {
    interruption.release()
  }
}

async function exportUntil(
  signal: AbortSignal,
  { auditLog }: CutoverClient,
  { out, chain, checkpointOut, ...options }: ExportOptions,
  terminal: Terminal,
): Promise<void> {
  // Before the export and not after: of a chain that grew in between, the export would seem cut off.
  const checkpoint = checkpointOut === undefined ? null : await auditLog.checkpoint({ chain }, { signal })
  const chunks = auditLog.export({ chain }, { signal })
  const entries = out === undefined ? await writeAll(chunks, terminal) : await writeWhole(out, chunks)
  if (checkpoint !== null && checkpointOut !== undefined) await appendCheckpoint(checkpointOut, checkpoint)
  if (out === undefined) return
  report(terminal, options, { out, entries, checkpoint }, () => {
    const kept = checkpoint === null ? '' : ` A checkpoint of the first ${checkpoint.size} is in ${checkpointOut}.`
    return `${entries} entries are in ${out}.${kept}`
  })
}

async function writeAll(chunks: AsyncIterable<Uint8Array>, { stdout }: Terminal): Promise<void> {
  for await (const chunk of chunks) {
    if (!stdout.write(chunk)) await once(stdout, 'drain')
  }
}
