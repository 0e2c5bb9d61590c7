import {
  type BatchItemResult,
  type BatchRequest,
  limits,
  operations,
  type VerificationItem,
  type VerificationRequest,
  type VerificationResult,
} from '@cutover/contract'
import type { FastifyInstance, FastifyRequest } from 'fastify'
import type { CredentialCache } from '../../access-tokens/credential-cache.ts'
import { DomainError } from '../../domain-error.ts'
import type { VerificationDurations } from '../../metrics/verification-durations.ts'
import type { UsageCounting } from '../../usage/ports.ts'
import type { VerificationCounts } from '../../verification/verification-counts.ts'
import { type Verdict, type VerifyPorts, verifyFromMemory } from '../../verification/verify-user.ts'
import type { WorkspaceKeysets } from '../../verification/workspace-keysets.ts'
import type { WorkspaceId } from '../../workspaces/workspace.ts'
import type { WorkspaceDirectory } from '../../workspaces/workspace-directory.ts'
import { namedWorkspace } from '../caller.ts'
import { authorize, authorizeAgain } from '../plugins/authorization.ts'
import { problemDialect } from '../problem.ts'
import { Refusal } from '../refusal.ts'
import { timed } from './timed.ts'
import { parseItem, questionFaults, toInvalidItem, toResult } from './verification-wire.ts'

export interface VerificationPorts extends VerifyPorts {
  readonly credentials: CredentialCache
  readonly workspaces: WorkspaceDirectory
  readonly keysets: WorkspaceKeysets
  readonly counts: VerificationCounts
  readonly durations: VerificationDurations
  readonly usage: UsageCounting
}

type Asked<Body> = FastifyRequest<{ Body: Body }>

/** How often memory may change under a request before it is told to come back. */
const maxAttempts = 8

export function verificationRoutes(app: FastifyInstance, ports: VerificationPorts): void {
  const onRequest = authorize(ports.credentials, 'verify')
  const config = { dialect: problemDialect, log: 'errors' } as const

  app.post<{ Body: VerificationRequest }>('/v1/verifications', {
    schema: operations.verify,
    config,
    onRequest,
    handler: timed(ports.durations, 'verify', (request: Asked<VerificationRequest>) => verifyOne(ports, request)),
  })

  app.post<{ Body: BatchRequest }>('/v1/verifications/batch', {
    schema: operations.verifyBatch,
    config,
    onRequest,
    bodyLimit: limits.batchBodyBytes,
    handler: timed(ports.durations, 'verifyBatch', (request: Asked<BatchRequest>) => verifyBatch(ports, request)),
  })
}

function verifyOne(ports: VerificationPorts, request: Asked<VerificationRequest>) {
  const faults = questionFaults(request.body)
  if (faults.length > 0) throw new Refusal('fields_invalid', { faults })
  return verifyNow(ports, request, request.body) ?? verifyAfterLoading(ports, request, request.body)
}

/**
 * From the check of the credential to the last comparison without a wait, so that everything in the answer is of one
 * moment after the whole request arrived. `undefined`: something has to be loaded first.
 */
function verifyNow(ports: VerificationPorts, request: FastifyRequest, question: VerificationItem) {
  const { authenticated } = request
  if (!authenticated || !ports.credentials.isCurrent(authenticated)) return undefined
  const workspaceId = ports.workspaces.recall(authenticated.credential, question.workspaceId ?? namedWorkspace(request))
  const verdict = workspaceId && verifyFromMemory(ports, workspaceId, question)
  return verdict && counted(ports, workspaceId, question, verdict)
}

async function verifyAfterLoading(
  ports: VerificationPorts,
  request: FastifyRequest,
  question: VerificationItem,
): Promise<VerificationResult> {
  for (let attempt = 1; attempt <= maxAttempts; attempt += 1) {
    await makeReady(ports, request, question)
    const result = verifyNow(ports, request, question)
    if (result) return result
  }
  throw new DomainError('store_unavailable')
}

/** Waits for what `verifyNow` needs in memory; the waiting over, `verifyNow` judges everything anew. */
async function makeReady(ports: VerificationPorts, request: FastifyRequest, question: VerificationItem): Promise<void> {
  const { credential } = await authorizeAgain(ports.credentials, request, 'verify')
  // A node that is no member may lack the very master key.
  if (!ports.lease.isHeld()) throw new DomainError('lease_lost')
  const workspaceId = await ports.workspaces.resolve(credential, question.workspaceId ?? namedWorkspace(request))
  if (!(await ports.keysets.load(workspaceId))) throw new DomainError('workspace_unknown')
}

async function verifyBatch(ports: VerificationPorts, request: Asked<BatchRequest>) {
  const results: BatchItemResult[] = []
  for (const item of request.body.items) {
    const result = verifyItem(ports, request, item)
    results.push(result instanceof Promise ? await result : result)
  }
  return { results }
}

/** Waits only where something has to be loaded: the items of a warm workspace are one synchronous stretch. */
function verifyItem(
  ports: VerificationPorts,
  request: FastifyRequest,
  each: unknown,
): BatchItemResult | Promise<BatchItemResult> {
  const parsed = parseItem(each)
  if ('faults' in parsed) return toInvalidItem(each, parsed.faults)
  const { item } = parsed
  const ofForeignWorkspace = (error: unknown): BatchItemResult => {
    if (item.workspaceId === undefined || !isWorkspaceUnknown(error)) throw error
    const fault = { field: 'workspaceId', message: 'workspaceId names no workspace', isTypeMismatch: false }
    return toInvalidItem(item, [fault])
  }
  try {
    const result = verifyNow(ports, request, item)
    if (result) return withReference(result, item)
  } catch (error) {
    return ofForeignWorkspace(error)
  }
  return verifyAfterLoading(ports, request, item).then((result) => withReference(result, item), ofForeignWorkspace)
}

function withReference(result: VerificationResult, { reference }: VerificationItem): BatchItemResult {
  return reference === undefined ? result : { ...result, reference }
}

function isWorkspaceUnknown(error: unknown): boolean {
  return error instanceof DomainError && error.code === 'workspace_unknown'
}

function counted(
  { counts, usage }: VerificationPorts,
  workspaceId: WorkspaceId,
  { platform, source }: VerificationItem,
  verdict: Verdict,
): VerificationResult {
  counts.count(platform, verdict)
  usage.countOutcome(workspaceId, platform, verdict.verified ? 'verified' : verdict.reason, verdict.atMs)
  if (verdict.verified) usage.countUse(verdict.secret.id, platform, source, verdict.atMs)
  return toResult(verdict)
}
