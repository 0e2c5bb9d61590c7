import { readFile } from 'node:fs/promises'
import { CutoverClient, intercomSecrets, type SecureModeSecrets } from '@cutover/client'
import { type Command, Option } from 'commander'
import { misused } from './failure.ts'
import { reasonOf } from './private-file.ts'
import { readProfile } from './profile.ts'
import type { Terminal } from './terminal.ts'
import { warn } from './ui/report.ts'

export interface ConnectionOptions {
  readonly url?: string
  readonly tokenFile?: string
  readonly workspace?: string
  readonly intercom?: boolean
  readonly json?: boolean
}

export interface Connection {
  readonly baseUrl: string
  readonly client: CutoverClient
  readonly workspace: string | undefined
}

const defaultUrl = 'http://127.0.0.1:8080'
const intercomUrl = 'https://api.intercom.io'

/** The options of every command that asks a server. A token is never one: argv is there for everybody to see. */
export function withConnection(command: Command): Command {
  return withServer(command).addOption(intercomOption().hideHelp())
}

/** Of those commands that can do their work with Intercom itself; the others say that it has no such call. */
export function withIntercom(command: Command): Command {
  return withServer(command).addOption(intercomOption())
}

function intercomOption(): Option {
  return new Option('--intercom', `ask Intercom itself (${intercomUrl}, unless --url or CUTOVER_URL says other)`)
}

function withServer(command: Command): Command {
  return command
    .addOption(new Option('--url <url>', 'where Cutover is (CUTOVER_URL)'))
    .addOption(new Option('--token-file <file>', 'file with the access token (CUTOVER_TOKEN holds the token itself)'))
    .addOption(new Option('--workspace <id>', 'for instance tokens (CUTOVER_WORKSPACE)'))
    .addOption(new Option('--json', 'print JSON'))
}

/** Flags over the environment over the profile. */
export async function connect(options: ConnectionOptions, terminal: Terminal): Promise<Connection> {
  const { baseUrl, token, workspace } = await requireToken(options, terminal)
  if (isIntercom(baseUrl, options)) {
    throw misused('Intercom has no such call', {
      hint: 'it can list, create and delete secrets: cutover secrets --help',
    })
  }
  warnOfPlainHttp(baseUrl, terminal)
  return { baseUrl, workspace, client: new CutoverClient({ baseUrl, token, workspace }) }
}

/** The secrets of Intercom itself; `null` where Cutover is what the options, the environment and the profile name. */
export async function connectToIntercom(
  options: ConnectionOptions,
  terminal: Terminal,
): Promise<SecureModeSecrets | null> {
  const { baseUrl, token } = await requireToken(options, terminal)
  if (!isIntercom(baseUrl, options)) return null
  if (isIntercom(baseUrl) && token.startsWith('cut_')) {
    throw misused('This is an access token of Cutover: it is not sent to Intercom', {
      hint: 'set CUTOVER_TOKEN to one of Intercom',
    })
  }
  warnOfPlainHttp(baseUrl, terminal)
  return intercomSecrets({ baseUrl, token })
}

async function requireToken(options: ConnectionOptions, terminal: Terminal) {
  const { token, ...rest } = await resolveConnection(options, terminal)
  if (token !== undefined) return { token, ...rest }
  throw misused('There is no access token', { hint: 'set CUTOVER_TOKEN, or log in: cutover login' })
}

/** The token of the profile goes to the server that it is of, and to no other one. */
export async function resolveConnection(options: ConnectionOptions, terminal: Terminal) {
  const { env } = terminal
  const profile = await readProfile(terminal)
  const saved = options.intercom ? intercomUrl : (profile?.url ?? defaultUrl)
  const baseUrl = parseUrl(options.url ?? (env['CUTOVER_URL'] || saved))
  const own = profile !== null && parseUrl(profile.url) === baseUrl ? profile : null
  const token =
    options.tokenFile === undefined ? env['CUTOVER_TOKEN'] || own?.token : await readTokenFile(options.tokenFile)
  return { baseUrl, token, workspace: options.workspace ?? (env['CUTOVER_WORKSPACE'] || own?.workspace) }
}

/** Without a slash at its end, and without what does not belong into the address of a server. */
function parseUrl(text: string): string {
  const url = URL.canParse(text) ? new URL(text) : null
  if (url === null || !/^https?:$/.test(url.protocol)) {
    throw misused(`${text} is no URL of a server`, { hint: 'it looks like https://cutover.example.com' })
  }
  if (url.username !== '' || url.password !== '' || url.search !== '' || url.hash !== '') {
    throw misused('The URL of a server has no user, password, query or fragment')
  }
  // Not `href`, which keeps a `?` or a `#` with nothing behind it.
  return url.origin + url.pathname.replace(/\/+$/, '')
}

function warnOfPlainHttp(baseUrl: string, terminal: Terminal): void {
  const { protocol, hostname } = new URL(baseUrl)
  if (protocol === 'https:' || isLoopback(hostname)) return
  warn(terminal, `${baseUrl} is not https: the access token travels in the clear`)
}

/** Of the name or the address in a URL: what is sent there does not leave the machine. */
export const isLoopback = (hostname: string) => /^(localhost|127(\.\d+){3}|\[::1\])$/.test(hostname)

async function readTokenFile(path: string): Promise<string> {
  try {
    return (await readFile(path, 'utf8')).trim()
  } catch (error) {
    throw misused(`${path} cannot be read: ${reasonOf(error)}`)
  }
}

/** Whether the server is Intercom itself, which has three calls for its secrets and tells nothing of their use. */
export function isIntercom(baseUrl: string, { intercom }: { readonly intercom?: boolean } = {}): boolean {
  return intercom === true || /(^|\.)intercom\.io$/.test(new URL(baseUrl).hostname)
}
