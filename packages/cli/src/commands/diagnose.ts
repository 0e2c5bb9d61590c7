import type { DiagnosisRequest, Platform } from '@cutover/contract'
import { Command, Option } from 'commander'
import { type ConnectionOptions, connect, withConnection } from '../connection.ts'
import { misused } from '../failure.ts'
import { scoped } from '../scoped.ts'
import { readSecret } from '../secret-input.ts'
import type { Terminal } from '../terminal.ts'
import { facts, proseWidth } from '../ui/facts.ts'
import { report, warn } from '../ui/report.ts'
import { platformNames } from '../vocabulary.ts'

interface DiagnoseOptions extends ConnectionOptions {
  readonly platform: Platform
  readonly userId?: string
  readonly email?: string
  /** `true`: given without a value, which is then on standard input. */
  readonly userHash?: string | true
  readonly jwt?: string | true
  readonly fromStdin?: boolean
}

/** `cutover diagnose`: why a hash or a JWT does not verify. */
export function diagnoseCommand(terminal: Terminal): Command {
  return withConnection(new Command('diagnose'))
    .description('say why a hash or a JWT does not verify, and what to change')
    .addOption(new Option('--platform <platform>', 'where the user is').choices(platformNames).makeOptionMandatory())
    .option('--user-id <id>', 'as your app knows the user')
    .option('--email <email>', 'of the user; give both where you have both')
    .addOption(
      new Option('--user-hash [hash]', 'what was sent; without a value: read from standard input').conflicts('jwt'),
    )
    .option('--jwt [jwt]', 'the same for a JWT')
    .option('--from-stdin', 'read the hash or the JWT from standard input; on a terminal it is asked for')
    .action(scoped('diagnose', (options: DiagnoseOptions) => diagnose(options, terminal)))
}

async function diagnose(options: DiagnoseOptions, terminal: Terminal): Promise<void> {
  const { platform, userId, email } = options
  const { client } = await connect(options, terminal)
  const diagnosis = await client.verifications.diagnose({
    platform,
    ...(userId === undefined ? {} : { userId }),
    ...(email === undefined ? {} : { email }),
    ...(await readSigned(options, terminal)),
  })
  report(terminal, options, diagnosis, () => {
    return facts(
      [
        ['finding', diagnosis.finding],
        ['hint', diagnosis.hint],
      ],
      proseWidth(terminal),
    )
  })
}

/** A JWT lets whoever has it in as that user for as long as it lasts, a hash for good: argv is no place for them. */
async function readSigned(
  { userHash, jwt, fromStdin }: DiagnoseOptions,
  terminal: Terminal,
): Promise<Pick<DiagnosisRequest, 'userHash' | 'jwt'>> {
  const given = userHash ?? jwt
  if (given === undefined)
    throw misused('There is nothing to diagnose', { hint: '--user-hash or --jwt, with --from-stdin' })
  if (typeof given === 'string' && fromStdin)
    throw misused('It is given twice: on the command line, and with --from-stdin')
  const isJwt = userHash === undefined
  if (typeof given === 'string') warn(terminal, 'a command line is there for others to see: rather use --from-stdin')
  const signed = typeof given === 'string' ? given : await readSecret(terminal, isJwt ? 'The JWT' : 'The hash')
  return isJwt ? { jwt: signed } : { userHash: signed }
}
