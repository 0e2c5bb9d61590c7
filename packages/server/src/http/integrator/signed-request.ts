import { headers } from '@cutover/contract'
import { bodySha256 } from '@cutover/signing'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { DomainError } from '../../domain-error.ts'
import { type ConsumePorts, consumeSignature } from '../../integrators/consume-signature.ts'
import { isCurrent } from '../../integrators/integrator.ts'
import {
  type RequestQuestion,
  type RequestVerdict,
  type VerifyRequestPorts,
  verifyRequestFromMemory,
  verifyRequestFromStore,
} from '../../integrators/verify-request.ts'
import { isoTime } from '../../iso-time.ts'
import type { UsageCounting } from '../../usage/ports.ts'
import { assertMayBeLookedUp, countCall, refuseStranger, withdrawStanding } from '../plugins/rate-limit.ts'
import { Refusal } from '../refusal.ts'

export interface SignerPorts extends VerifyRequestPorts {
  readonly usage: UsageCounting
}

export type Signer = Extract<RequestVerdict, { verified: true }>

/** Whether the request claims to be signed, well or not. */
export function isSigned(request: FastifyRequest): boolean {
  return [headers.timestamp, headers.signature].some((name) => request.headers[name.toLowerCase()] !== undefined)
}

/**
 * Finds out who signed the request, once its body has arrived; refuses it where nobody did. Tells a signer whose secret
 * is on its way out, with every answer, when that ends and what to sign with instead.
 */
export async function authenticateSigner(
  ports: SignerPorts,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<Signer> {
  const verdict = await verdictOn(ports, request)
  if (!verdict.verified) throw refusalOf(verdict, request)
  request.signer = verdict
  // Whatever becomes of the request: somebody still signs with this secret.
  ports.usage.countUse(verdict.secret.id, 'requests', undefined, ports.system.nowMs())
  request.workspaceId = verdict.by.integrator.workspaceId
  announceSunset(reply, verdict)
  const exceeded = countCall(request, reply, verdict.by.integrator.id)
  if (exceeded) throw exceeded
  return verdict
}

/**
 * Consumes the signature at once: whatever becomes of the call, whoever captured it cannot send it again. Whoever does
 * proves nothing by it, and is told nothing of the integrator's secrets and limits.
 */
export async function acceptOnce(
  ports: ConsumePorts,
  { by, signature, timestampMs }: Signer,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<void> {
  try {
    await consumeSignature(ports, { integratorId: by.integrator.id, signature, timestampMs })
  } catch (error) {
    if (!(error instanceof DomainError) || error.code !== 'signature_replayed') throw error
    withdrawSunset(reply)
    withdrawStanding(reply)
    throw refuseStranger(request, error)
  }
}

async function verdictOn(ports: VerifyRequestPorts, request: FastifyRequest): Promise<RequestVerdict> {
  const question = questionOf(request)
  const fromMemory = verifyRequestFromMemory(ports, question)
  if (fromMemory) return fromMemory
  assertMayBeLookedUp(request)
  return verifyRequestFromStore(ports, question)
}

function questionOf(request: FastifyRequest): RequestQuestion {
  return {
    integratorKey: onlyHeader(request, headers.integratorKey),
    timestamp: onlyHeader(request, headers.timestamp),
    signature: onlyHeader(request, headers.signature),
    method: request.method,
    path: request.raw.url ?? '',
    bodySha256: bodySha256(request.rawBody ?? undefined),
  }
}

/** Node joins headers of which there are two, and two could mean two things: read as they were sent. */
export function onlyHeader(request: FastifyRequest, name: string): string | undefined {
  const { rawHeaders } = request.raw
  const values = rawHeaders.filter((_, at) => at % 2 === 1 && rawHeaders[at - 1]?.toLowerCase() === name.toLowerCase())
  return values.length === 1 ? values[0] : undefined
}

function refusalOf(verdict: Extract<RequestVerdict, { verified: false }>, request: FastifyRequest): unknown {
  return refuseStranger(request, new Refusal(verdict.reason, verdict.skew ? { skew: verdict.skew } : {}))
}

function announceSunset(reply: FastifyReply, { by, secret }: Signer): void {
  const current = by.secrets.find(isCurrent)
  if (secret.expiresAtMs === null || !current) return
  reply.header(headers.secretSunset, isoTime(secret.expiresAtMs))
  reply.header(headers.currentSecret, current.fingerprint)
}

function withdrawSunset(reply: FastifyReply): void {
  reply.removeHeader(headers.secretSunset)
  reply.removeHeader(headers.currentSecret)
}
