import type { CutoverClient, Revoked, SecureModeSecrets } from '@cutover/client'
import type { Cutover, IdentitySecret } from '@cutover/contract'
import { Command, Option } from 'commander'
import { assertConfirmed, assertConfirmedByName } from '../../confirmation.ts'
import { type ConnectionOptions, connect, connectToIntercom, withIntercom } from '../../connection.ts'
import { failed, misused, refused } from '../../failure.ts'
import { parseSeconds } from '../../parse-seconds.ts'
import { scoped } from '../../scoped.ts'
import { isInteractive, type Terminal } from '../../terminal.ts'
import { usersOf } from '../../ui/cutover.ts'
import { report, tell } from '../../ui/report.ts'
import { onOneLine } from '../../ui/table.ts'

interface DeleteOptions extends ConnectionOptions {
  readonly ifQuietForSeconds?: number
  readonly force?: boolean
  readonly yes?: boolean
}

export function deleteCommand(terminal: Terminal): Command {
  return withIntercom(new Command('delete'))
    .argument('<id>')
    .description('delete it, unless somebody still signs with it; within 7 days it can be restored')
    .addOption(
      new Option('--if-quiet-for <seconds>', 'call this much quiet enough, whatever its own habits')
        .argParser(parseSeconds)
        .conflicts('force'),
    )
    .option('--force', 'delete it whoever still signs with it')
    .option('--yes', 'do not ask')
    .action(
      scoped(
        ['read_secure_mode_secret', 'write_secure_mode_secret'],
        (id: string, { ifQuietFor, ...options }: DeleteOptions & { readonly ifQuietFor?: number }) =>
          remove(id, ifQuietFor === undefined ? options : { ...options, ifQuietForSeconds: ifQuietFor }, terminal),
      ),
    )
}

async function remove(id: string, options: DeleteOptions, terminal: Terminal): Promise<void> {
  const intercom = await connectToIntercom(options, terminal)
  if (intercom) return removeAtIntercom(intercom, id, options, terminal)
  const { client } = await connect(options, terminal)
  const secret = await client.identitySecrets.read(id)
  if (secret.state === 'deleted') throw failed(`Secret ${id} is deleted already`)
  const guard = await guardOf(client, secret, options, terminal)
  await confirm(secret, options, terminal)
  const revoked = await client.identitySecrets.delete(id, guard)
  reportDeleted(terminal, options, { id, name: secret.name }, revoked)
}

/** What the server is to make sure of in the very transaction that deletes: a use that came meanwhile stops it. */
async function guardOf(
  client: CutoverClient,
  secret: IdentitySecret,
  { force, ifQuietForSeconds, json }: DeleteOptions,
  terminal: Terminal,
): Promise<{ readonly ifQuietForSeconds?: number }> {
  // An end that has come cannot be taken back: nobody has anything left to lose.
  if (force || secret.state === 'expired') return {}
  const cutover = await client.identitySecrets.cutover(secret.id, { quietSeconds: ifQuietForSeconds })
  if (cutover.verdict !== 'safe') throw notSafe(secret, cutover, json ? null : terminal)
  return { ifQuietForSeconds: cutover.quietSecondsRequired }
}

function notSafe({ id }: IdentitySecret, cutover: Cutover, terminal: Terminal | null) {
  if (terminal && cutover.sources.length > 0) {
    tell(terminal, usersOf(cutover, { nowMs: Date.now(), width: terminal.stderr.columns ?? 80 }))
  }
  const isUsed = cutover.verdict === 'in_use'
  return refused(`Secret ${id} is ${isUsed ? 'in use' : 'not known to be unused'}. ${cutover.why}`, {
    code: isUsed ? 'secret_in_use' : 'usage_unknown',
    hint: `nothing was deleted. cutover secrets show ${id} says more; --force deletes it all the same`,
  })
}

/** The guard is the confirmation where nobody sits there; without it somebody has to have said so. */
async function confirm({ id, name }: IdentitySecret, { force, yes }: DeleteOptions, terminal: Terminal): Promise<void> {
  const question = `Delete secret ${id}, "${name}"?`
  if (force) await assertConfirmedByName(terminal, { yes, name, question: `${question} Who signs with it is refused.` })
  else if (isInteractive(terminal)) await assertConfirmed(terminal, { yes, question })
}

async function removeAtIntercom(
  secrets: SecureModeSecrets,
  id: string,
  options: DeleteOptions,
  terminal: Terminal,
): Promise<void> {
  if (options.ifQuietForSeconds !== undefined) throw misused('Intercom does not tell who uses a secret')
  const { data } = await secrets.list()
  const secret = data.find((each) => each.id === id)
  if (secret === undefined) throw failed(`Intercom has no secret ${id}`)
  const question = `Delete secret ${id}, "${secret.name}", at Intercom? Who signs with it is refused.`
  await assertConfirmedByName(terminal, { yes: options.yes, name: secret.name, question })
  reportDeleted(terminal, options, { id, name: secret.name }, await secrets.delete(id))
}

function reportDeleted(
  terminal: Terminal,
  options: DeleteOptions,
  { id, name }: { readonly id: string; readonly name: string },
  { revocationEpoch }: Revoked,
): void {
  report(terminal, options, { id, name, deleted: true, revocationEpoch }, () => {
    const deleted = `Deleted "${onOneLine(name)}" (id ${id}).`
    if (revocationEpoch === null) return deleted
    return `${deleted} No node accepts it any more: revocation epoch ${revocationEpoch}.`
  })
}
