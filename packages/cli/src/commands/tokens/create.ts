import type { CreateAccessToken, Environment, Preset, Scope } from '@cutover/contract'
import { Command, Option } from 'commander'
import { type ConnectionOptions, connect, withConnection } from '../../connection.ts'
import { misused } from '../../failure.ts'
import { handOut } from '../../hand-out.ts'
import { parseSeconds } from '../../parse-seconds.ts'
import { scoped } from '../../scoped.ts'
import type { Terminal } from '../../terminal.ts'
import { onOneLine } from '../../ui/table.ts'
import { environments, presetNames, scopeNames } from '../../vocabulary.ts'
import { scopesInWords } from './scopes-in-words.ts'

interface CreateOptions extends ConnectionOptions {
  readonly name?: string
  readonly preset?: Preset
  readonly scope?: readonly Scope[]
  readonly environment?: Environment
  readonly expiresIn?: number
  readonly instance?: boolean
  readonly out?: string
  readonly local?: boolean
}

export function createCommand(terminal: Terminal): Command {
  return withConnection(new Command('create'))
    .description('make one, and print it: alone on standard output, this once')
    .option('--name <name>', 'what it is for: one token for each job')
    .addOption(new Option('--preset <preset>', 'the scopes of a usual job').choices(presetNames).conflicts('scope'))
    .addOption(new Option('--scope <scopes...>', 'what it may do').choices(scopeNames))
    .addOption(new Option('--environment <name>', 'a label').choices(environments))
    .addOption(
      new Option('--expires-in <seconds>', 'when it ends; never past the one that makes it').argParser(parseSeconds),
    )
    .option('--instance', 'a token of no workspace')
    .option('--out <file>', 'write it into this new file (0600), and print it nowhere')
    .option('--local', 'on the machine of the server: make one with every scope, when the last token is lost')
    .action(scoped('write_access_tokens', (options: CreateOptions) => create(options, terminal)))
}

async function create(options: CreateOptions, terminal: Terminal): Promise<void> {
  if (options.local) return createHere(options, terminal)
  const wanted = wantedToken(options)
  const { client } = await connect(options, terminal)
  await handOut(terminal, options, {
    make: () => client.accessTokens.create(wanted),
    secretIn: 'token',
    describe: ({ id, name, scopes }) => `Made "${onOneLine(name)}" (${id}) for ${scopesInWords(scopes)}.`,
  })
}

function wantedToken({ name, preset, scope, environment, expiresIn, instance }: CreateOptions): CreateAccessToken {
  if (name === undefined) throw misused('The token has no name', { hint: 'say what it is for: --name' })
  if (preset === undefined && scope === undefined) {
    throw misused('The token may do nothing', { hint: `--preset ${presetNames.join('|')}, or --scope` })
  }
  return {
    name,
    ...(preset === undefined ? { scopes: [...(scope ?? [])] } : { preset }),
    ...(environment === undefined ? {} : { environment }),
    ...(expiresIn === undefined ? {} : { expiresInSeconds: expiresIn }),
    ...(instance ? { instance } : {}),
  }
}

/** The server's own code, loaded only where it is asked for. */
async function createHere(options: CreateOptions, terminal: Terminal): Promise<void> {
  const misplaced = (['preset', 'scope', 'environment', 'expiresIn', 'out'] as const).find((key) => options[key])
  if (misplaced !== undefined) throw misused('A token that is made on the machine itself has every scope, and no end')
  const { createLocalToken } = await import('../local/create-local-token.ts')
  await createLocalToken(options, terminal)
}
