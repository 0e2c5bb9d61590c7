import type { Integrator, IntegratorCutover, IntegratorUsage } from '@cutover/contract'
import { Command, Option } from 'commander'
import { type ConnectionOptions, connect, withConnection } from '../../connection.ts'
import { parseSeconds } from '../../parse-seconds.ts'
import { scoped } from '../../scoped.ts'
import type { Terminal } from '../../terminal.ts'
import { cutoverInWords } from '../../ui/cutover.ts'
import { facts, proseWidth } from '../../ui/facts.ts'
import { list } from '../../ui/list.ts'
import { report } from '../../ui/report.ts'
import { exactly, shortRelative } from '../../ui/times.ts'

interface ShowOptions extends ConnectionOptions {
  readonly quietSeconds?: number
}

interface Shown {
  readonly integrator: Integrator
  readonly usage: IntegratorUsage
  readonly cutover: IntegratorCutover
}

const usageMs = 7 * 86_400_000

export function showCommand(terminal: Terminal): Command {
  return withConnection(new Command('show'))
    .argument('<id>')
    .description('everything about one, with whether it has left its older secrets')
    .addOption(
      new Option('--quiet-seconds <seconds>', 'judge by this much quiet, not by its own habits').argParser(
        parseSeconds,
      ),
    )
    .action(
      scoped('read_integrators', async (id: string, options: ShowOptions) => {
        const { integrators } = (await connect(options, terminal)).client
        const { quietSeconds } = options
        const from = new Date(Date.now() - usageMs).toISOString()
        const [integrator, usage, cutover] = await Promise.all([
          integrators.read(id),
          integrators.usage(id, { from, bucket: 'day' }),
          integrators.cutover(id, { quietSeconds }),
        ])
        report(terminal, options, { ...integrator, usage: usage.data, cutover }, () => {
          return inWords({ integrator, usage, cutover }, terminal)
        })
      }),
    )
}

function inWords({ integrator, usage, cutover }: Shown, terminal: Terminal): string {
  const nowMs = Date.now()
  const width = proseWidth(terminal)
  const about = facts(
    [
      ['id', integrator.id],
      ['name', integrator.name],
      ['key', integrator.key],
      ['created', `${exactly(integrator.createdAt, nowMs)}, by ${integrator.createdBy}`],
    ],
    width,
  )
  return [
    about,
    secretsOf(integrator, usage, { nowMs, width }),
    cutoverInWords('what is older', cutover, { nowMs, width }),
  ].join('\n\n')
}

function secretsOf(
  { secrets }: Integrator,
  { data }: IntegratorUsage,
  { nowMs, width }: { nowMs: number; width: number },
): string {
  const uses = (fingerprint: string) =>
    data.filter((each) => each.fingerprint === fingerprint).reduce((sum, { count }) => sum + count, 0)
  return list(
    [
      { head: 'SECRET', value: ({ fingerprint }) => fingerprint },
      { head: 'STATE', value: ({ state }) => state },
      { head: 'MADE', value: ({ createdAt }) => shortRelative(createdAt, nowMs) },
      { head: 'ENDS', value: ({ expiresAt }) => (expiresAt === null ? 'no end' : shortRelative(expiresAt, nowMs)) },
      { head: 'USES IN 7d', value: ({ fingerprint }) => String(uses(fingerprint)) },
    ],
    secrets,
    width,
  )
}
