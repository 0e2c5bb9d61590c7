import { isAccepted } from '../signing-secrets/signing-secret.ts'
import type { Heard } from './heard-nodes.ts'
import type { TrackedSecret } from './ports.ts'
import { type CutoverPorts, type CutoverReport, hearNodes, reportOn } from './read-cutover.ts'

export interface IntegratorCutoverReport extends CutoverReport {
  readonly judged: readonly TrackedSecret[]
}

/** Of all secrets of an integrator that are on their way out, taken together, beside its current one. */
export async function readIntegratorCutover(
  ports: CutoverPorts,
  workspaceId: string,
  integratorId: string,
  askedQuietMs: number | null,
): Promise<IntegratorCutoverReport> {
  const owner = { workspaceId, integratorId }
  const heard = await hearNodes(ports)
  const secrets = await ports.usage.tracked(owner, null)
  const nowMs = ports.system.nowMs()
  const [first, ...rest] = secrets.filter((secret) => isRetiring(secret) && isAccepted(secret, nowMs))
  const others = secrets.filter((secret) => !isRetiring(secret))
  if (!first) return { ...(await nothingToEnd(ports, owner, heard, others, askedQuietMs)), judged: [] }
  const judged = [first, ...rest] as const
  return { ...(await reportOn(ports, { owner, judged, others }, heard, askedQuietMs)), judged }
}

/** The figures are those of the current secret. */
async function nothingToEnd(
  ports: CutoverPorts,
  owner: { readonly workspaceId: string; readonly integratorId: string },
  heard: Heard,
  [current, ...others]: readonly TrackedSecret[],
  askedQuietMs: number | null,
): Promise<CutoverReport> {
  if (!current) throw new Error('an integrator has lost its current secret')
  const report = await reportOn(ports, { owner, judged: [current], others }, heard, askedQuietMs)
  return { ...report, verdict: 'safe', why: 'No older secret is accepted any more: there is nothing left to end' }
}

function isRetiring({ expiresAtMs }: TrackedSecret): boolean {
  return expiresAtMs !== null
}
