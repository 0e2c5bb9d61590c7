import type { SecureModeSecrets } from '@cutover/client'
import { Command } from 'commander'
import { type Connection, type ConnectionOptions, connect, connectToIntercom, withIntercom } from '../../connection.ts'
import { misused } from '../../failure.ts'
import { handOut } from '../../hand-out.ts'
import { platformsOf, type WantedPlatforms, wantedPlatforms } from '../../platforms.ts'
import { scoped } from '../../scoped.ts'
import { readSecret } from '../../secret-input.ts'
import type { Terminal } from '../../terminal.ts'
import { report } from '../../ui/report.ts'
import { onOneLine } from '../../ui/table.ts'

interface CreateOptions extends ConnectionOptions, WantedPlatforms {
  readonly name: string
  readonly out?: string
  readonly import?: boolean
  readonly fromStdin?: boolean
}

export function createCommand(terminal: Terminal): Command {
  return withIntercom(new Command('create'))
    .description('make one, and print it: alone on standard output, this once')
    .requiredOption('--name <name>', 'what people call it')
    .option('--web', 'it verifies users of the web')
    .option('--ios', 'it verifies users of iOS apps')
    .option('--android', 'it verifies users of Android apps')
    .option('--out <file>', 'write it into this new file (0600), and print it nowhere')
    .option('--import', 'take over one that is signed with already, in place of making one')
    .option('--from-stdin', 'with --import: read it from standard input; on a terminal it is asked for')
    .action(scoped('write_secure_mode_secret', (options: CreateOptions) => create(options, terminal)))
}

async function create(options: CreateOptions, terminal: Terminal): Promise<void> {
  if (!options.web && !options.ios && !options.android) {
    throw misused('It is for no platform', { hint: 'give one or more of --web --ios --android' })
  }
  if (options.fromStdin && !options.import) throw misused('--from-stdin goes with --import')
  const intercom = await connectToIntercom(options, terminal)
  if (intercom) return createAtIntercom(intercom, options, terminal)
  const connection = await connect(options, terminal)
  await (options.import ? importSecret(connection, options, terminal) : make(connection, options, terminal))
}

function make({ client }: Connection, options: CreateOptions, terminal: Terminal): Promise<void> {
  return handOut(terminal, options, {
    make: () => client.identitySecrets.create({ name: options.name, platforms: wantedPlatforms(options) }),
    secretIn: 'secret',
    describe: ({ id, name, platforms }) => `Made "${onOneLine(name)}" (id ${id}) for ${platformsOf(platforms)}.`,
  })
}

/** Whoever imports a secret has it: it is not printed. */
async function importSecret({ client }: Connection, options: CreateOptions, terminal: Terminal): Promise<void> {
  if (options.out !== undefined) throw misused('--out is for a secret that is made, not for one that is imported')
  const given = await readSecret(terminal, 'The secret')
  const platforms = wantedPlatforms(options)
  const { secret: _, ...imported } = await client.identitySecrets.create({
    name: options.name,
    platforms,
    secret: given,
  })
  report(terminal, options, imported, () => {
    return `Imported "${onOneLine(imported.name)}" as id ${imported.id} (${imported.fingerprint}). It verifies from now on.`
  })
}

function createAtIntercom(secrets: SecureModeSecrets, options: CreateOptions, terminal: Terminal): Promise<void> {
  if (options.import) throw misused('Intercom makes its secrets itself: it imports none')
  const { name, web = false, ios = false, android = false } = options
  return handOut(terminal, options, {
    make: () => secrets.create({ name, supports_web: web, supports_ios: ios, supports_android: android }),
    secretIn: 'secret',
    describe: (made) => `Made "${onOneLine(made.name)}" (id ${made.id}) at Intercom.`,
  })
}
