import { signJwt, signRequest, signUserHash } from '@cutover/signing'
import { Command, Option } from 'commander'
import { misused } from '../failure.ts'
import { parseIdentifier } from '../identifier.ts'
import { readSigningSecret, type SecretOptions, withSecret } from '../secret-sources.ts'
import { orMisused, parseRequest, readBody } from '../signed-request-options.ts'
import { readSnippet, type SnippetKind, type SnippetLanguage, snippetKinds, snippetLanguages } from '../snippets.ts'
import type { Terminal } from '../terminal.ts'
import { report } from '../ui/report.ts'

interface SignOptions extends SecretOptions {
  readonly userId?: string
  readonly email?: string
  readonly jwt?: boolean
  readonly expiresIn?: number
  readonly request?: readonly string[]
  readonly integratorKey?: string
  readonly bodyFile?: string
  readonly snippet?: SnippetLanguage
  readonly kind?: SnippetKind
  readonly json?: boolean
}

/** What is printed: `value` with --json, else `text`. */
interface Signed {
  readonly value: object
  readonly text: string
}

const defaultLifetimeSeconds = 300

/** `cutover sign`: what a program that holds a secret would send. Nothing leaves this machine. */
export function signCommand(terminal: Terminal): Command {
  return withSecret(new Command('sign'))
    .description('sign a user id, a JWT or a request, offline; or print a program that does')
    .option('--user-id <id>', 'sign this user id')
    .option('--email <email>', 'sign this email')
    .option('--jwt', 'with --user-id: a JWT in place of the hash')
    .addOption(new Option('--expires-in <seconds>', 'with --jwt: its lifetime (300)').argParser(parseLifetime))
    .option('--request <method-and-path...>', 'sign a request, as in --request POST "/payouts?dry=1"')
    .option('--integrator-key <key>', 'with --request: int_…')
    .option('--body-file <file>', 'with --request: its raw body; - is standard input')
    .addOption(new Option('--snippet <language>', 'print a program that signs').choices(snippetLanguages))
    .addOption(new Option('--kind <kind>', 'with --snippet: what it signs (user-hash)').choices(snippetKinds))
    .option('--json', 'print JSON')
    .action(async (options: SignOptions) => {
      const { value, text } = await sign(options, terminal)
      report(terminal, options, value, () => text)
    })
}

function sign(options: SignOptions, terminal: Terminal): Promise<Signed> {
  assertOneKind(options)
  if (options.snippet !== undefined) return printSnippet(options.snippet, options.kind)
  if (options.request !== undefined) return signRequestHeaders(options.request, options, terminal)
  return options.jwt ? signToken(options, terminal) : signHash(options, terminal)
}

function assertOneKind(options: SignOptions): void {
  const kinds = (['userId', 'email', 'request', 'snippet'] as const).filter((name) => options[name] !== undefined)
  if (kinds.length !== 1) {
    throw misused('Say what to sign, one of --user-id, --email, --request, --snippet', {
      hint: 'cutover sign --user-id user_1 --from-stdin < secret.txt',
    })
  }
  const companions = {
    jwt: 'userId',
    expiresIn: 'jwt',
    integratorKey: 'request',
    bodyFile: 'request',
    kind: 'snippet',
  } as const
  for (const [name, needed] of Object.entries(companions) as [keyof typeof companions, keyof SignOptions][]) {
    if (options[name] !== undefined && options[needed] === undefined) {
      throw misused(`${flag(name)} is for ${flag(needed)}`, { hint: 'cutover sign --help' })
    }
  }
}

function flag(name: string): string {
  return `--${name.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`
}

async function signHash(options: SignOptions, terminal: Terminal): Promise<Signed> {
  const identifier = parseIdentifier(options.userId ?? options.email ?? '')
  const userHash = signUserHash(await readSigningSecret(options, terminal), identifier)
  return { value: { userHash }, text: userHash }
}

async function signToken(options: SignOptions, terminal: Terminal): Promise<Signed> {
  const userId = parseIdentifier(options.userId ?? '')
  const secret = await readSigningSecret(options, terminal)
  const exp = Math.floor(Date.now() / 1000) + (options.expiresIn ?? defaultLifetimeSeconds)
  const jwt = orMisused(() => signJwt(secret, { user_id: userId, exp }))
  return { value: { jwt, expiresAt: new Date(exp * 1000).toISOString() }, text: jwt }
}

async function signRequestHeaders(parts: readonly string[], options: SignOptions, terminal: Terminal): Promise<Signed> {
  const target = parseRequest(parts)
  const { integratorKey: key, bodyFile, secretFile } = options
  if (key === undefined)
    throw misused('--request needs --integrator-key', { hint: 'it looks like int_…, and is no secret' })
  const body = await readBody(bodyFile, terminal, secretFile !== undefined)
  const secret = await readSigningSecret(options, terminal)
  const headers = orMisused(() => signRequest({ key, secret }, { ...target, body }))
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}`)
  return { value: { headers }, text: lines.join('\n') }
}

async function printSnippet(language: SnippetLanguage, kind: SnippetKind = 'user-hash'): Promise<Signed> {
  const program = await readSnippet(language, kind)
  return { value: { language, kind, program }, text: program.replace(/\n$/, '') }
}

function parseLifetime(text: string): number {
  const seconds = /^[1-9][0-9]{0,8}$/.test(text) ? Number(text) : undefined
  if (seconds === undefined) throw misused('--expires-in takes whole seconds, 1 or more')
  return seconds
}
