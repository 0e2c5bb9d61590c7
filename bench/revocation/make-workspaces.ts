import type { Cluster } from './cluster.ts'
import type { Workspace } from './operator.ts'
import { textOf } from './subjects.ts'

/** So that one change leaves the others in memory. */
const count = 6

/** Each with a secret that nobody touches. */
export async function makeWorkspaces(cluster: Cluster): Promise<readonly Workspace[]> {
  const made: Workspace[] = []
  while (made.length < count) {
    const { id } = await make(cluster, '/v1/workspaces', { name: `Workspace ${made.length}` })
    const body = { name: 'Stays', supports_web: true, supports_ios: true, supports_android: true }
    const { secret } = await make(cluster, '/secure_mode_secrets', body, { 'Cutover-Workspace': id })
    made.push({ id, secret })
  }
  return made
}

async function make(
  { nodes: [node], token }: Cluster,
  path: string,
  body: object,
  headers: Readonly<Record<string, string>> = {},
): Promise<{ readonly id: string; readonly secret: string }> {
  const answer = await node?.connections?.ask(textOf({ method: 'POST', path, token, headers, body }), {
    timeoutMs: 10_000,
  })
  if (answer?.status !== 200 && answer?.status !== 201) throw new Error(`${path} was answered ${answer?.status}`)
  return JSON.parse(answer.body)
}
