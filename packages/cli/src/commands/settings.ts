import type { Enforcement, Platform, Readiness24h, Settings } from '@cutover/contract'
import { Command, InvalidArgumentError, Option } from 'commander'
import { type ConnectionOptions, connect, withConnection } from '../connection.ts'
import { misused } from '../failure.ts'
import { scoped } from '../scoped.ts'
import type { Terminal } from '../terminal.ts'
import { percent } from '../ui/cutover.ts'
import { facts, proseWidth } from '../ui/facts.ts'
import { report } from '../ui/report.ts'
import { enforcements, platformNames } from '../vocabulary.ts'

interface SetOptions extends ConnectionOptions {
  readonly web?: Enforcement
  readonly ios?: Enforcement
  readonly android?: Enforcement
  /** `false`: no limit. */
  readonly maxAgeDays?: number | false
}

/** `cutover settings …`: what a workspace enforces, and how old its secrets may be. */
export function settingsCommand(terminal: Terminal): Command {
  return new Command('settings')
    .description('what the workspace enforces, and how old a secret may be')
    .addCommand(showCommand(terminal))
    .addCommand(setCommand(terminal))
}

function showCommand(terminal: Terminal): Command {
  return withConnection(new Command('show'))
    .description('show them, with what enforcing would reject')
    .action(
      scoped('read_settings', async (options: ConnectionOptions) => {
        const { settings } = (await connect(options, terminal)).client
        const [current, readiness] = await Promise.all([settings.read(), settings.readiness()])
        report(terminal, options, { ...current, readiness }, () => inWords(current, readiness, terminal))
      }),
    )
}

function setCommand(terminal: Terminal): Command {
  const command = withConnection(new Command('set')).description('change some of them; the others stay as they are')
  for (const platform of platformNames) {
    command.addOption(
      new Option(`--${platform} <enforcement>`, 'what becomes of what does not verify').choices(enforcements),
    )
  }
  return command
    .addOption(new Option('--max-age-days <days>', 'how old a secret or a token may be').argParser(parseDays))
    .option('--no-max-age-days', 'as old as it likes')
    .action(scoped(['read_settings', 'write_settings'], (options: SetOptions) => set(options, terminal)))
}

async function set({ maxAgeDays, ...options }: SetOptions, terminal: Terminal): Promise<void> {
  const wanted = platformNames.filter((name) => options[name] !== undefined).map((name) => [name, options[name]])
  if (wanted.length === 0 && maxAgeDays === undefined) {
    throw misused('Nothing is to be changed', { hint: '--web enforce, --max-age-days 90 …' })
  }
  const { settings } = (await connect(options, terminal)).client
  const { enforcement, rotationPolicy } = await settings.read()
  const changed = await settings.replace({
    enforcement: { ...enforcement, ...Object.fromEntries(wanted) },
    rotationPolicy: maxAgeDays === undefined ? rotationPolicy : { maxAgeDays: maxAgeDays || null },
  })
  report(terminal, options, changed, () => inWords(changed, null, terminal))
}

function inWords(
  { enforcement, rotationPolicy }: Settings,
  readiness: Readiness24h | null,
  terminal: Terminal,
): string {
  const { maxAgeDays } = rotationPolicy
  return facts(
    [
      ...platformNames.map((name) => [name, enforcement[name] + last24Hours(name, readiness)] as const),
      ['max age', maxAgeDays === null ? 'no limit' : `${maxAgeDays} days`],
    ],
    proseWidth(terminal),
  )
}

function last24Hours(platform: Platform, readiness: Readiness24h | null): string {
  if (readiness === null) return ''
  const { total, signedShare, unsignedShare, failingShare } = readiness[platform]
  if (total === 0) return ' (nothing in 24 hours)'
  const of = (share: number | null) => percent(share ?? 0)
  return ` (of ${total} in 24 hours: ${of(signedShare)} verified, ${of(unsignedShare)} unsigned, ${of(failingShare)} wrong)`
}

function parseDays(text: string): number {
  if (!/^[1-9]\d{0,3}$/.test(text)) throw new InvalidArgumentError('It is a whole number of days.')
  return Number(text)
}
