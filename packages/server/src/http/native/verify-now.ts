import type { IncomingHttpHeaders } from 'node:http'
import type { VerificationItem } from '@cutover/contract'
import type { Authenticated, CredentialCache } from '../../access-tokens/credential-cache.ts'
import type { UsageCounting } from '../../usage/ports.ts'
import type { VerificationCounts } from '../../verification/verification-counts.ts'
import { type Verdict, type VerifyPorts, verifyFromMemory } from '../../verification/verify-user.ts'
import type { WorkspaceId } from '../../workspaces/workspace.ts'
import type { WorkspaceDirectory } from '../../workspaces/workspace-directory.ts'
import { namedWorkspace } from '../caller.ts'

export interface VerifyNowPorts extends VerifyPorts {
  readonly credentials: CredentialCache
  readonly workspaces: WorkspaceDirectory
  readonly counts: VerificationCounts
  readonly usage: UsageCounting
}

/** What of a request says who asks, and about which workspace. */
export interface Asker {
  readonly authenticated: Authenticated | null
  readonly headers: IncomingHttpHeaders
}

/**
 * From the check of the credential to the last comparison without a wait, so that everything in the answer is of one
 * moment after the whole request arrived. `undefined`: something has to be loaded first.
 */
export function verifyNow(ports: VerifyNowPorts, asker: Asker, question: VerificationItem): Verdict | undefined {
  const { authenticated } = asker
  if (!authenticated || !ports.credentials.isCurrent(authenticated)) return undefined
  const workspaceId = ports.workspaces.recall(authenticated.credential, question.workspaceId ?? namedWorkspace(asker))
  if (workspaceId === undefined) return undefined
  const verdict = verifyFromMemory(ports, workspaceId, question)
  if (verdict) count(ports, workspaceId, question, verdict)
  return verdict
}

function count(
  { counts, usage }: VerifyNowPorts,
  workspaceId: WorkspaceId,
  { platform, source }: VerificationItem,
  verdict: Verdict,
): void {
  counts.count(platform, verdict)
  usage.countOutcome(workspaceId, platform, verdict.verified ? 'verified' : verdict.reason, verdict.atMs)
  if (verdict.verified) usage.countUse(verdict.secret.id, platform, source, verdict.atMs)
}
