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
import { DomainError } from '../../domain-error.ts'
import type { VerificationDurations } from '../../metrics/verification-durations.ts'
import type { WorkspaceKeysets } from '../../verification/workspace-keysets.ts'
import { namedWorkspace } from '../caller.ts'
import { arrivedBody } from '../direct/arrivals.ts'
import { authorize, authorizeAgain } from '../plugins/authorization.ts'
import { problemDialect } from '../problem.ts'
import { Refusal } from '../refusal.ts'
import { timed } from './timed.ts'
import { parseItem, questionFaults, toInvalidItem, toResult } from './verification-wire.ts'
import { type VerifyNowPorts, verifyNow } from './verify-now.ts'

export interface VerificationPorts extends VerifyNowPorts {
  readonly keysets: WorkspaceKeysets
  readonly durations: VerificationDurations
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
    preParsing: arrivedBody,
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
  const verdict = verifyNow(ports, request, request.body)
  return verdict ? toResult(verdict) : verifyAfterLoading(ports, request, request.body)
}

async function verifyAfterLoading(
  ports: VerificationPorts,
  request: FastifyRequest,
  question: VerificationItem,
): Promise<VerificationResult> {
  for (let attempt = 1; attempt <= maxAttempts; attempt += 1) {
    await makeReady(ports, request, question)
    const verdict = verifyNow(ports, request, question)
    if (verdict) return toResult(verdict)
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
    const verdict = verifyNow(ports, request, item)
    if (verdict) return withReference(toResult(verdict), item)
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
