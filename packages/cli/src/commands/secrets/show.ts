import { ApiError, type CutoverClient } from '@cutover/client'
import type { Cutover, IdentitySecret } from '@cutover/contract'
import { Command, Option } from 'commander'
import { type ConnectionOptions, connect, withConnection } from '../../connection.ts'
import { parseSeconds } from '../../parse-seconds.ts'
import { platformsOf } from '../../platforms.ts'
import { scoped } from '../../scoped.ts'
import type { Terminal } from '../../terminal.ts'
import { cutoverInWords } from '../../ui/cutover.ts'
import { facts, proseWidth } from '../../ui/facts.ts'
import { report } from '../../ui/report.ts'
import { exactly, span } from '../../ui/times.ts'
import { isOverdue, stateInWords } from './state-in-words.ts'

interface ShowOptions extends ConnectionOptions {
  readonly quietSeconds?: number
}

export function showCommand(terminal: Terminal): Command {
  return withConnection(new Command('show'))
    .argument('<id>')
    .description('everything about one, with whether it may go and who still uses it')
    .addOption(
      new Option('--quiet-seconds <seconds>', 'judge it by this much quiet, not by its own habits').argParser(
        parseSeconds,
      ),
    )
    .action(
      scoped('read_secure_mode_secret', async (id: string, options: ShowOptions) => {
        const { client } = await connect(options, terminal)
        const secret = await client.identitySecrets.read(id)
        const cutover = await readCutover(client, id, options)
        report(terminal, options, { ...secret, cutover }, () => inWords(secret, cutover, terminal))
      }),
    )
}

/** `null`: there is nothing to judge any more. */
async function readCutover(client: CutoverClient, id: string, { quietSeconds }: ShowOptions): Promise<Cutover | null> {
  try {
    return await client.identitySecrets.cutover(id, { quietSeconds })
  } catch (error) {
    if (error instanceof ApiError && error.status === 404) return null
    throw error
  }
}

function inWords(secret: IdentitySecret, cutover: Cutover | null, terminal: Terminal): string {
  const nowMs = Date.now()
  const width = proseWidth(terminal)
  const time = (value: string | null) => (value === null ? null : exactly(value, nowMs))
  const about = facts(
    [
      ['id', secret.id],
      ['name', secret.name],
      ['state', stateInWords(secret, nowMs)],
      ['platforms', platformsOf(secret.platforms)],
      ['fingerprint', secret.fingerprint],
      ['created', `${exactly(secret.createdAt, nowMs)}, by ${secret.createdBy}`],
      ['disabled', time(secret.disabledAt)],
      ['ends', secret.state === 'retiring' ? null : time(secret.expiresAt)],
      ['deleted', secret.deletedAt && `${exactly(secret.deletedAt, nowMs)}, by ${secret.deletedBy}`],
      ['restorable', secret.purgeAt && `until ${exactly(secret.purgeAt, nowMs)}`],
      ['rotation due', secret.rotationDueAt && due(secret, nowMs)],
      ['successor', secret.successorId],
      ['last used', time(secret.lastVerifiedAt) ?? 'never'],
    ],
    width,
  )
  return cutover === null ? about : `${about}\n\n${cutoverInWords('it', cutover, { nowMs, width })}`
}

function due({ rotationDueAt, ...secret }: IdentitySecret, nowMs: number): string {
  const at = exactly(rotationDueAt ?? '', nowMs)
  return isOverdue({ rotationDueAt }, nowMs) ? `${at}: overdue, it is ${span(secret.ageDays * 86_400)} old` : at
}
