import { Command, Option } from 'commander'
import { type Connection, type ConnectionOptions, connect, resolveConnection, withConnection } from '../connection.ts'
import { failed, misused } from '../failure.ts'
import { checkTokens, type TokenAnswer } from '../scan/check-tokens.ts'
import { readGitleaksRules } from '../scan/gitleaks-rules.ts'
import { isDead, judge } from '../scan/judge.ts'
import { fetchKnownSecrets, nothingKnown } from '../scan/known-secrets.ts'
import { type ScanOptions as Extent, scan, type Unreadable } from '../scan/scan.ts'
import { count, type Leak, scanJson, scanText } from '../scan/scan-report.ts'
import type { Terminal } from '../terminal.ts'
import { report, tell, warn } from '../ui/report.ts'
import { onOneLine } from '../ui/table.ts'

interface ScanOptions extends ConnectionOptions, Extent {
  readonly offline?: boolean
  readonly checkTokens?: boolean
  readonly liveOnly?: boolean
  readonly rules?: 'gitleaks'
}

/** `cutover scan`: finds secrets of Cutover where they should not be. */
export function scanCommand(terminal: Terminal): Command {
  return withConnection(new Command('scan'))
    .description('find leaked access tokens, integrator secrets and identity secrets in files and in git')
    .argument('[path]', 'directory or file', '.')
    .option('--git', 'also all that the repository ever held: blobs, messages of commits and tags')
    .option('--all', 'also the files that git ignores')
    .option('--live-only', 'leave out what is known to be dead')
    .option('--check-tokens', 'ask Cutover, with each access token that is found, whether it is accepted')
    .addOption(new Option('--offline', 'ask nobody: no identity secrets, and no states').conflicts('checkTokens'))
    .addOption(new Option('--rules <scanner>', 'print rules for another scanner').choices(['gitleaks']))
    .action(async (path: string, options: ScanOptions) => {
      if (options.rules !== undefined) await printRules(options, terminal)
      else await scanAndReport(path, options, terminal)
    })
}

async function printRules(options: ScanOptions, terminal: Terminal): Promise<void> {
  const rules = await readGitleaksRules()
  report(terminal, options, { scanner: options.rules, rules }, () => rules.trimEnd())
}

async function scanAndReport(path: string, options: ScanOptions, terminal: Terminal): Promise<void> {
  const connection = await connectionFor(options, terminal)
  const known = connection ? await fetchKnownSecrets(connection.client) : nothingKnown
  const { secrets, ...scanned } = await scan(path, options, known, terminal)
  tellUnreadable(scanned.unreadable, terminal)
  const tokens = secrets.filter(({ kind }) => kind === 'access_token').map(({ text }) => text)
  const answers: ReadonlyMap<string, TokenAnswer> =
    connection && options.checkTokens ? await checkTokens(connection, tokens) : new Map()
  const leaks = secrets
    .map((secret): Leak => ({ ...judge(secret, known, answers), places: secret.places }))
    .filter((leak) => !(options.liveOnly && isDead(leak)))
  const result = { leaks, ...scanned, identitySecretsLookedFor: known.identity !== null }
  report(terminal, options, scanJson(result), () => scanText(result))
  if (leaks.length > 0) throw failed(`Found ${count(leaks.length, 'leaked secret')}`, { code: 'secrets_found' })
}

/** `null`: nobody is asked. */
async function connectionFor(options: ScanOptions, terminal: Terminal): Promise<Connection | null> {
  const isOffline = options.offline || (await resolveConnection(options, terminal)).token === undefined
  if (!isOffline) return connect(options, terminal)
  if (options.checkTokens)
    throw misused('--check-tokens needs an access token', { hint: 'set CUTOVER_TOKEN, or log in' })
  tell(
    terminal,
    options.offline
      ? 'Identity secrets are not looked for: they have no prefix, and Cutover is not asked for their fingerprints.'
      : 'Identity secrets are not looked for: there is no access token to ask Cutover for their fingerprints with.',
  )
  return null
}

const mostTold = 20

function tellUnreadable(unreadable: readonly Unreadable[], terminal: Terminal): void {
  for (const { path, reason } of unreadable.slice(0, mostTold)) {
    warn(terminal, `${onOneLine(path)} was not looked at: ${reason}`)
  }
  const more = unreadable.length - mostTold
  if (more > 0) warn(terminal, `${more} more were not looked at`)
}
