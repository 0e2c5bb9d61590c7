import type { CutoverClient } from '@cutover/client'
import type { IdentitySecret } from '@cutover/contract'
import { Command, Option } from 'commander'
import { assertConfirmed } from '../../confirmation.ts'
import { type ConnectionOptions, connect, withConnection } from '../../connection.ts'
import { parseSeconds } from '../../parse-seconds.ts'
import { scoped } from '../../scoped.ts'
import type { Terminal } from '../../terminal.ts'
import { report } from '../../ui/report.ts'
import { onOneLine } from '../../ui/table.ts'
import { exactly } from '../../ui/times.ts'

export function disableCommand(terminal: Terminal): Command {
  return change(terminal, 'disable', ({ identitySecrets }, id, { revertAfter }: { revertAfter?: number }) =>
    identitySecrets.disable(id, revertAfter === undefined ? {} : { revertAfterSeconds: revertAfter }),
  )
    .description('refuse it from now on, on every node; it can be enabled again')
    .addOption(
      new Option('--revert-after <seconds>', 'enable it again by itself, 60 to 86400 s from now').argParser(
        parseSeconds,
      ),
    )
}

export function enableCommand(terminal: Terminal): Command {
  return change(terminal, 'enable', ({ identitySecrets }, id) => identitySecrets.enable(id)).description(
    'accept a disabled one again',
  )
}

export function retireCommand(terminal: Terminal): Command {
  interface RetireOptions {
    readonly after: number
    readonly yes?: boolean
  }
  return change(terminal, 'retire', async ({ identitySecrets }, id, { after, yes }: RetireOptions) => {
    // Any other end can be taken back until it comes.
    if (after === 0) await assertConfirmed(terminal, { yes, question: `End secret ${id} now, for good?` })
    return identitySecrets.retire(id, { afterSeconds: after })
  })
    .description('set its end; until then cutover secrets keep takes that back')
    .addOption(
      new Option('--after <seconds>', 'how long it is accepted yet, 0 to 2592000 s')
        .argParser(parseSeconds)
        .makeOptionMandatory(),
    )
    .option('--yes', 'with --after 0: do not ask')
}

export function keepCommand(terminal: Terminal): Command {
  return change(terminal, 'keep', ({ identitySecrets }, id) => identitySecrets.cancelRetirement(id))
    .alias('cancel-retirement')
    .description('take the end of a retiring one back')
}

export function restoreCommand(terminal: Terminal): Command {
  return change(terminal, 'restore', ({ identitySecrets }, id) => identitySecrets.restore(id)).description(
    'bring a deleted one back within 7 days, disabled',
  )
}

type Change<Options> = (client: CutoverClient, id: string, options: Options) => Promise<IdentitySecret>

function change<Options>(terminal: Terminal, name: string, act: Change<Options>): Command {
  return withConnection(new Command(name))
    .argument('<id>')
    .action(
      scoped('write_secure_mode_secret', async (id: string, options: ConnectionOptions & Options) => {
        const { client } = await connect(options, terminal)
        const secret = await act(client, id, options)
        report(terminal, options, secret, () => outcome(secret))
      }),
    )
}

function outcome({ id, name, state, expiresAt, enableAt }: IdentitySecret): string {
  const nowMs = Date.now()
  const secret = `"${onOneLine(name)}" (id ${id})`
  if (state === 'retiring' && expiresAt) return `${secret} is accepted until ${exactly(expiresAt, nowMs)}.`
  if (state === 'active') return `${secret} is accepted, without an end.`
  if (state !== 'disabled') return `${secret} is ${state}: no node accepts it any more.`
  if (enableAt === null)
    return `${secret} is disabled: no node accepts it. cutover secrets enable ${id} takes that back.`
  return `${secret} is disabled: no node accepts it until ${exactly(enableAt, nowMs)}.`
}
