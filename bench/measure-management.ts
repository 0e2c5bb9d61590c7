import { type Cores, pinnedTo } from './cores.ts'
import type { Finding } from './finding.ts'
import { interleave } from './interleave.ts'
import { fillWorkspace, type ManagedWorkspace } from './managed-workspace.ts'
import type { Effort } from './options.ts'
import { startCutover } from './start-cutover.ts'
import { median, medianRatio } from './statistics.ts'
import type { SubjectServer } from './subject-server.ts'
import { watchServer } from './watch-server.ts'

/** As many as a workspace may be allowed to have. */
const manySecrets = 1000

/** What managing secrets costs the server in a workspace that is full, beside one with a single secret. */
export async function measureManagement(effort: Effort, cores: Cores): Promise<Finding[]> {
  await using server = await startCutover(cores.subject, {
    CUTOVER_MAX_ACTIVE_SECRETS: String(manySecrets),
    CUTOVER_RATE_LIMIT_PER_MINUTE: '0',
  })
  return await pinnedTo(cores.load, async () => {
    const workspaces = { one: await fillWorkspace(server, 1), many: await fillWorkspace(server, manySecrets) }
    const cautions = new Set(cores.caution === null ? [] : [cores.caution])
    const contest = { server, workspaces, effort, cautions }
    const replaced = await compare(contest, ({ replaceNewest }) => Promise.resolve(replaceNewest))
    const listed = await compare(contest, provenList)
    return [replaceFinding(replaced), ...listFindings(listed)].map((each) => ({ ...each, cautions: [...cautions] }))
  })
}

interface Contest {
  readonly server: SubjectServer
  readonly workspaces: Readonly<Record<'one' | 'many', ManagedWorkspace>>
  readonly effort: Effort
  readonly cautions: Set<string>
}

/** Seconds of the server's processor time for each turn of the work, round by round. */
type Costs = Readonly<Record<'one' | 'many', readonly number[]>>

async function compare(
  { server, workspaces, effort, cautions }: Contest,
  workOf: (workspace: ManagedWorkspace) => Promise<() => Promise<void>>,
): Promise<Costs> {
  const work = { one: await workOf(workspaces.one), many: await workOf(workspaces.many) }
  const cost = async (turn: () => Promise<void>) => {
    const watched = await watchServer(server, () => repeat(turn, effort.managementRoundMs))
    for (const caution of watched.cautions) cautions.add(caution)
    return watched.serverCpuSeconds / watched.result.turns
  }
  return await interleave({ one: () => cost(work.one), many: () => cost(work.many) }, effort.loadRounds)
}

/** One at a time, for about `roundMs`. */
async function repeat(turn: () => Promise<void>, roundMs: number): Promise<{ turns: number; cpuSeconds: number }> {
  const endMs = performance.now() + roundMs
  const cpuBefore = process.cpuUsage()
  let turns = 0
  while (performance.now() < endMs) {
    await turn()
    turns += 1
  }
  const { user, system } = process.cpuUsage(cpuBefore)
  return { turns, cpuSeconds: (user + system) / 1e6 }
}

/** The list, once it is certain that it is complete; nothing changes it from then on. */
async function provenList({ list, secrets }: ManagedWorkspace): Promise<() => Promise<void>> {
  const proven = await list()
  const { data } = JSON.parse(proven) as { data: { id: string }[] } // sound: counted here
  if (new Set(data.map(({ id }) => id)).size !== secrets) throw new Error(`a list of ${secrets} secrets is incomplete`)
  return async () => {
    if ((await list()) !== proven) throw new Error('a list differs from the one before')
  }
}

const many = `${manySecrets} secrets`

function replaceFinding(costs: Costs): Omit<Finding, 'cautions'> {
  const toPairs = (seconds: number) => 1 / seconds
  return beside(`create + delete among ${many}`, 'among 1', 'pairs/s', {
    one: costs.one.map(toPairs),
    many: costs.many.map(toPairs),
  })
}

function listFindings(costs: Costs): Omit<Finding, 'cautions'>[] {
  const toMs = (seconds: number) => seconds * 1000
  const toNs = (seconds: number) => seconds * 1e9
  return [
    beside(`list of ${many}`, 'of 1', 'ms', { one: costs.one.map(toMs), many: costs.many.map(toMs) }),
    beside('the same for each secret', 'list of 1', 'ns', {
      one: costs.one.map(toNs),
      many: costs.many.map((seconds) => toNs(seconds) / manySecrets),
    }),
  ]
}

function beside(what: string, than: string, unit: Finding['unit'], { one, many }: Costs): Omit<Finding, 'cautions'> {
  return {
    unit,
    subject: { what, figure: median(many), rounds: many },
    baseline: { what: than, figure: median(one), rounds: one },
    ratio: medianRatio(many, one),
    target: null,
  }
}
