import { call } from '../call.ts'
import { type Cores, pinnedTo } from '../cores.ts'
import type { Finding } from '../finding.ts'
import { type Generator, startGenerator } from '../load/start-generator.ts'
import { createWorkspace } from '../managed-workspace.ts'
import type { Effort } from '../options.ts'
import { startCutover } from '../start-cutover.ts'
import { median, medianRatio } from '../statistics.ts'
import type { SubjectServer } from '../subject-server.ts'
import { aimedAt } from '../targets.ts'
import { type AttackName, attacks } from './attacks/attacks.ts'
import { startAttack } from './attacks/start-attack.ts'
import { maximumOf, verificationsOf } from './maximum.ts'
import { proveQuestions } from './questions.ts'

const names = Object.keys(attacks) as AttackName[] // sound: the keys of the record are its names

/** What attackers do to the others: the 99th percentile of verifications at half of the maximum, with and without each. */
export async function measureHostile(effort: Effort, cores: Cores): Promise<Finding[]> {
  await using server = await startCutover(cores.subject)
  await using generator = startGenerator(cores.load)
  const { p99sMs, tallies } = await pinnedTo(cores.load, () => attack(server, generator, effort, cores))
  return names.map((name) => {
    const [calm = [], attacked = []] = [p99sMs.get('calm'), p99sMs.get(name)]
    return {
      unit: 'ms',
      subject: { what: `p99, ${attacks[name].what}: ${tallies.get(name)}`, figure: median(attacked), rounds: attacked },
      baseline: { what: 'without', figure: median(calm), rounds: calm },
      ratio: medianRatio(attacked, calm),
      ...aimedAt('hostile'),
      cautions: cores.caution === null ? [] : [cores.caution],
    }
  })
}

async function attack(server: SubjectServer, generator: Generator, effort: Effort, cores: Cores) {
  const exchanges = await proveQuestions(server, await createWorkspace(server, 'hostile'))
  const asked = verificationsOf(server, exchanges)
  const half = (await maximumOf(generator, server, asked, effort)) / 2
  const load = {
    ...asked,
    ...{ ratePerSecond: half, durationMs: effort.attackRoundMs, isYielding: true },
  }
  const tallies = new Map<AttackName, string>()
  const p99MsUnder = async (name: AttackName) => {
    await using attack = await startAttack(cores.load, name, server)
    const { p99Ms } = await generator.run(load)
    tallies.set(name, toText(await attack.tell()))
    await call(server, { method: 'GET', path: '/readyz', workspaceId: null })
    return p99Ms
  }
  // In turns, and without a warm-up: to find the maximum warmed everything.
  const p99sMs = new Map<AttackName | 'calm', number[]>((['calm', ...names] as const).map((name) => [name, []]))
  for (let round = 0; round < effort.attackRounds; round += 1) {
    p99sMs.get('calm')?.push((await generator.run(load)).p99Ms)
    for (const name of names) p99sMs.get(name)?.push(await p99MsUnder(name))
  }
  return { p99sMs, tallies }
}

function toText(tally: Readonly<Record<string, number>>): string {
  return Object.entries(tally)
    .map(([what, count]) => `${count.toLocaleString('en')}× ${what}`)
    .join(', ')
}
