import type { CutoverClient } from '@cutover/client'
import type { Node } from '@cutover/contract'
import { are, type Check, ok, problem, warning } from './check.ts'

export async function checkNodes(client: CutoverClient): Promise<readonly Check[]> {
  return judgeNodes((await client.nodes()).data)
}

export function judgeNodes(nodes: readonly Node[]): readonly Check[] {
  const serving = nodes.filter(({ state }) => state === 'serving')
  return [judgeLife(nodes, serving), judgeProgress(serving), judgeVersions(serving), judgeMasterKeys(serving)]
}

function judgeLife(nodes: readonly Node[], serving: readonly Node[]): Check {
  const lost = nodes.filter(({ state }) => state !== 'serving').map(({ id, state }) => `${id} is ${state}`)
  if (lost.length === 0) return ok('nodes', are(serving.length, 'node serves', 'nodes serve'))
  return warning(
    'nodes',
    lost.join(', '),
    'look at its log, and start it anew; one that was stopped for good is forgotten',
  )
}

/** A node acknowledges within moments: two or more are no moment any more. */
function judgeProgress(serving: readonly Node[]): Check {
  const behind = serving.filter(({ behindBy }) => behindBy > 1)
  if (behind.length === 0) return ok('nodes-behind', 'every node follows the store')
  const summary = behind.map(({ id, behindBy }) => `${id} is ${behindBy} changes behind`).join(', ')
  return warning('nodes-behind', summary, 'look at its load, and at its connection to the store')
}

function judgeVersions(serving: readonly Node[]): Check {
  const versions = [...new Set(serving.map(({ version }) => version))]
  if (versions.length <= 1) return ok('nodes-version', `every node runs ${versions[0] ?? 'nothing'}`)
  return warning('nodes-version', `the nodes run different versions: ${versions.join(', ')}`, 'finish the upgrade')
}

function judgeMasterKeys(serving: readonly Node[]): Check {
  const sets = new Set(serving.map(({ masterKeyIds }) => masterKeyIds.toSorted().join(' ')))
  if (sets.size <= 1) return ok('master-keys', 'every node has the same master keys')
  const summary = serving.map(({ id, masterKeyIds }) => `${id} has ${masterKeyIds.join(' ') || 'none'}`).join(', ')
  return problem('master-keys', `the nodes have different master keys: ${summary}`, 'give all of them every key')
}
