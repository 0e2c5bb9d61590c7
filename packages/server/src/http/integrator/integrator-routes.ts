import {
  headers,
  type OwnIntegrator,
  operations,
  type RegeneratedSecret,
  RegenerateSecret as RegenerateSchema,
  type RegenerateSecret,
} from '@cutover/contract'
import type { FastifyInstance, FastifyReply, FastifyRequest, onRequestHookHandler } from 'fastify'
import type { CredentialCache } from '../../access-tokens/credential-cache.ts'
import { DomainError } from '../../domain-error.ts'
import type { ConsumePorts } from '../../integrators/consume-signature.ts'
import { type IntegratorKey, parseIntegratorKey } from '../../integrators/integrator.ts'
import { type RegeneratePorts, type Regenerator, regenerateSecret } from '../../integrators/regenerate-secret.ts'
import { isoTime } from '../../iso-time.ts'
import type { WorkspaceDirectory } from '../../workspaces/workspace-directory.ts'
import { callerOf, signerOf } from '../caller.ts'
import { idempotentRequest } from '../idempotency-key.ts'
import { authorize } from '../plugins/authorization.ts'
import { assertJson, parseObject } from '../plugins/json-body.ts'
import { refuseStranger } from '../plugins/rate-limit.ts'
import { faultFinder } from '../plugins/validation.ts'
import { Refusal } from '../refusal.ts'
import { integratorDialect } from './integrator-dialect.ts'
import { acceptedSecrets, toSecret } from './integrator-wire.ts'
import {
  acceptOnce,
  authenticateSigner,
  isSigned,
  onlyHeader,
  type Signer,
  type SignerPorts,
} from './signed-request.ts'

export interface IntegratorRoutePorts extends SignerPorts, ConsumePorts, RegeneratePorts {
  readonly store: RegeneratePorts['store'] & ConsumePorts['store']
  readonly credentials: CredentialCache
  readonly workspaces: WorkspaceDirectory
}

/** What an integrator calls itself, signed, as Spritz's clients do. */
export async function integratorRoutes(root: FastifyInstance, ports: IntegratorRoutePorts): Promise<void> {
  await root.register(async (app) => {
    // Of whatever type: whether somebody signed these bytes is known before what they are is judged.
    app.removeAllContentTypeParsers()
    app.addContentTypeParser('*', { parseAs: 'buffer' }, (request, body: Buffer, done) => {
      request.rawBody = body
      done(null, undefined)
    })
    // A type that is none at all Fastify refuses before it calls a parser: it is shown another one.
    app.addHook('preParsing', (request, _reply, _payload, done) => {
      if (request.headers['content-type'] !== undefined)
        request.headers = { 'content-type': 'application/octet-stream' }
      done()
    })
    const config = { dialect: integratorDialect, readsRawBody: true } as const

    app.get('/v1/integrator', {
      schema: operations.ownIntegrator,
      config,
      onRequest: signedOr(refuseUnsigned),
      handler: async (request, reply) => toOwn(await authenticateSigner(ports, request, reply), ports.system.nowMs()),
    })

    app.post('/v1/integrator/regenerate-secret', {
      schema: operations.regenerateSecret,
      config: { ...config, auditAction: 'integrator.secret_regenerated' },
      onRequest: signedOr(authorize(ports.credentials, 'write_integrators')),
      validatorCompiler: () => () => true,
      handler: (request, reply) => regenerate(ports, request, reply),
    })
  })
}

const refuseUnsigned: onRequestHookHandler = (request, _reply, done) => {
  done(refuseStranger(request, new Refusal('signature_missing')))
}

/** A signature can be checked only when the body is here; a token is checked before. */
function signedOr(judgeUnsigned: onRequestHookHandler): onRequestHookHandler {
  return function (request, reply, done) {
    if (!isSigned(request)) return judgeUnsigned.call(this, request, reply, done)
    const isBoth = request.headers.authorization !== undefined
    done(
      isBoth
        ? new Refusal('request_malformed', { detail: 'Send a signature or an access token, not both' })
        : undefined,
    )
  }
}

async function regenerate(ports: IntegratorRoutePorts, request: FastifyRequest, reply: FastifyReply) {
  const asked = await (isSigned(request) ? askedBySigner(ports, request, reply) : askedByOperator(ports, request))
  const { body, epoch } = await regenerateSecret(ports, {
    ...asked,
    requestId: request.id,
    ip: request.ip,
    render,
  })
  reply.header(headers.revocationEpoch, epoch).header('cache-control', 'no-store')
  return reply.type('application/json').send(body)
}

/** The signature is consumed before the body is read: whatever that holds, it is not accepted again. */
async function askedBySigner(ports: IntegratorRoutePorts, request: FastifyRequest, reply: FastifyReply) {
  const signer = await authenticateSigner(ports, request, reply)
  await acceptOnce(ports, signer, request, reply)
  const by: Regenerator = { kind: 'integrator', signedWith: signer.secret.id }
  const { key } = signer.by.integrator
  return { key, by, actor: signerOf(signer), graceMs: parseGraceMs(request), idempotent: null }
}

async function askedByOperator(ports: IntegratorRoutePorts, request: FastifyRequest) {
  const { workspaceId, actor, tokenId } = await callerOf(request, ports.workspaces)
  const graceMs = parseGraceMs(request)
  const key = namedIntegrator(request)
  const by: Regenerator = { kind: 'operator', workspaceId, tokenId }
  return { key, by, actor, graceMs, idempotent: idempotentRequest(request, { tokenId, workspaceId }, key) }
}

function namedIntegrator(request: FastifyRequest): IntegratorKey {
  const named = onlyHeader(request, headers.integratorKey)
  if (named === undefined) {
    throw new Refusal('request_malformed', { detail: 'Name the integrator in the header X-Integrator-Key, once' })
  }
  const key = parseIntegratorKey(named)
  if (key === null) throw new DomainError('integrator_unknown', { subject: named })
  return key
}

const faultsOf = faultFinder(RegenerateSchema)

/** None at all is as good as an empty object. */
function parseBody(request: FastifyRequest): RegenerateSecret {
  const { rawBody } = request
  if (rawBody === null || rawBody.length === 0) return {}
  assertJson(request.raw.headers['content-type'] ?? '')
  const body = parseObject(rawBody)
  const faults = faultsOf(body)
  if (faults.length > 0) throw new Refusal('fields_invalid', { faults })
  return body
}

function parseGraceMs(request: FastifyRequest): number {
  const { oldSecretValidForSeconds = 0 } = parseBody(request)
  return Math.ceil(oldSecretValidForSeconds * 1000)
}

function render(secret: string, oldExpiresAtMs: number | null): string {
  const answer: RegeneratedSecret =
    oldExpiresAtMs === null ? { secret } : { secret, oldSecretExpiresAt: isoTime(oldExpiresAtMs) }
  return JSON.stringify(answer)
}

function toOwn({ by: { integrator, secrets } }: Signer, nowMs: number): OwnIntegrator {
  const { id, key, name, workspaceId } = integrator
  return { id, key, name, workspaceId, secrets: acceptedSecrets(secrets, nowMs).map(toSecret) }
}
