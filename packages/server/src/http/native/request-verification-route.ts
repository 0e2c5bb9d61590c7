import {
  operations,
  type RequestSignatureReason,
  type RequestVerificationRequest,
  type RequestVerificationResult,
} from '@cutover/contract'
import type { FastifyInstance, FastifyRequest } from 'fastify'
import type { CredentialCache } from '../../access-tokens/credential-cache.ts'
import { DomainError } from '../../domain-error.ts'
import { type ConsumePorts, consumeSignature } from '../../integrators/consume-signature.ts'
import type { RequestVerificationCounts } from '../../integrators/request-verification-counts.ts'
import {
  type RequestVerdict,
  type VerifyRequestPorts,
  verifyRequest,
  verifyRequestFromMemory,
} from '../../integrators/verify-request.ts'
import { isoTime } from '../../iso-time.ts'
import type { VerificationDurations } from '../../metrics/verification-durations.ts'
import type { UsageCounting } from '../../usage/ports.ts'
import type { WorkspaceId } from '../../workspaces/workspace.ts'
import type { WorkspaceDirectory } from '../../workspaces/workspace-directory.ts'
import { namedWorkspace } from '../caller.ts'
import { authorize, authorizeAgain } from '../plugins/authorization.ts'
import { problemDialect } from '../problem.ts'
import { timed } from './timed.ts'

export interface RequestVerificationPorts extends VerifyRequestPorts, ConsumePorts {
  readonly credentials: CredentialCache
  readonly workspaces: WorkspaceDirectory
  readonly usage: UsageCounting
  readonly counts: RequestVerificationCounts
  readonly durations: VerificationDurations
}

type Asked = FastifyRequest<{ Body: RequestVerificationRequest }>

/** Signed requests that a gateway received itself. */
export function requestVerificationRoute(app: FastifyInstance, ports: RequestVerificationPorts): void {
  app.post<{ Body: RequestVerificationRequest }>('/v1/request-verifications', {
    schema: operations.verifyRequest,
    config: { dialect: problemDialect, log: 'errors' },
    onRequest: authorize(ports.credentials, 'verify'),
    handler: timed(
      ports.durations,
      'verifyRequest',
      (request: Asked) => verifyNow(ports, request) ?? verifyLater(ports, request),
    ),
  })
}

/**
 * From the check of the credential to the last comparison without a wait. `undefined`: something has to be loaded, or
 * the signature consumed, first.
 */
function verifyNow(ports: RequestVerificationPorts, request: Asked): RequestVerificationResult | undefined {
  const { authenticated, body } = request
  if (!authenticated || !ports.credentials.isCurrent(authenticated)) return undefined
  const workspaceId = ports.workspaces.recall(authenticated.credential, namedWorkspace(request))
  const verdict = workspaceId && verifyRequestFromMemory(ports, { ...body, workspaceId })
  return verdict && !(verdict.verified && body.consume) ? counted(ports, verdict) : undefined
}

async function verifyLater(ports: RequestVerificationPorts, request: Asked): Promise<RequestVerificationResult> {
  const { credential } = await authorizeAgain(ports.credentials, request, 'verify')
  const workspaceId = await ports.workspaces.resolve(credential, namedWorkspace(request))
  const verdict = await judge(ports, request.body, workspaceId)
  // Meanwhile the token may have been revoked: what it asked for is not told to it then.
  await authorizeAgain(ports.credentials, request, 'verify')
  return verdict
}

async function judge(ports: RequestVerificationPorts, body: RequestVerificationRequest, workspaceId: WorkspaceId) {
  const question = { ...body, workspaceId }
  const verdict = await verifyRequest(ports, question)
  if (!verdict.verified || !body.consume) return counted(ports, verdict)
  const { signature, timestampMs, by } = verdict
  try {
    await consumeSignature(ports, { integratorId: by.integrator.id, signature, timestampMs })
  } catch (error) {
    if (error instanceof DomainError && error.code === 'signature_replayed') return counted(ports, replayed)
    throw error
  }
  // The secret may have ended while the store was asked: what is true now is answered.
  return counted(ports, await verifyRequest(ports, question))
}

const replayed = { verified: false, reason: 'signature_replayed' } as const

function counted(
  { counts, usage, system }: RequestVerificationPorts,
  verdict: RequestVerdict | typeof replayed,
): RequestVerificationResult {
  counts.count(verdict.verified ? 'verified' : verdict.reason)
  if (verdict.verified) usage.countUse(verdict.secret.id, 'requests', undefined, system.nowMs())
  return toResult(verdict)
}

function toResult(verdict: RequestVerdict | typeof replayed): RequestVerificationResult {
  if (!verdict.verified) return refused(verdict.reason)
  const { by, secret } = verdict
  return {
    verified: true,
    reason: null,
    integratorId: by.integrator.id,
    secretFingerprint: secret.fingerprint,
    secretExpiresAt: isoTime(secret.expiresAtMs),
  }
}

function refused(reason: RequestSignatureReason): RequestVerificationResult {
  return { verified: false, reason, integratorId: null, secretFingerprint: null, secretExpiresAt: null }
}
