import { type CreatedSession, type CreateSession, headers, operations } from '@cutover/contract'
import { fastifyCookie } from '@fastify/cookie'
import type { FastifyInstance, FastifyRequest } from 'fastify'
import type { Authenticated, CredentialCache } from '../../access-tokens/credential-cache.ts'
import { isoTime } from '../../iso-time.ts'
import { endSession } from '../../sessions/end-session.ts'
import { type SessionPorts, startSession } from '../../sessions/start-session.ts'
import { actorOf } from '../caller.ts'
import { authorize } from '../plugins/authorization.ts'
import { crossOriginRefusal } from '../plugins/own-origin.ts'
import { assertMayBeLookedUp, countCall, refuseStranger } from '../plugins/rate-limit.ts'
import { problemDialect } from '../problem.ts'
import { Refusal } from '../refusal.ts'
import { clearSessionCookie, setSessionCookie } from '../session-cookie.ts'
import { type OwnCredentialPorts, toOwnCredential } from './credential-wire.ts'

export interface SessionsRoutePorts extends SessionPorts, OwnCredentialPorts {
  readonly credentials: CredentialCache
}

/** For browsers, which cannot keep a token where no script can read it: a cookie in its place. */
export async function sessionsRoutes(root: FastifyInstance, ports: SessionsRoutePorts): Promise<void> {
  await root.register(async (app) => {
    // Sees the answers of these routes alone, and reads no cookie of any.
    await app.register(fastifyCookie, { hook: false })
    addRoutes(app, ports)
  })
}

function addRoutes(app: FastifyInstance, ports: SessionsRoutePorts): void {
  const config = { dialect: problemDialect }

  app.post<{ Body: CreateSession }>('/v1/sessions', {
    schema: operations.createSession,
    config: { ...config, auditAction: 'session.created' },
    // Another page must not sign anybody in: they would then work under an attacker's token.
    onRequest: (request, _reply, done) => done(crossOriginRefusal(request)),
    handler: async (request, reply): Promise<CreatedSession> => {
      const { credential } = await authenticate(ports.credentials, request)
      const exceeded = countCall(request, reply, credential.tokenId)
      if (exceeded) throw exceeded
      const own = await toOwnCredential(ports, credential, undefined)
      const command = { credential, actor: actorOf(credential), requestId: request.id, ip: request.ip }
      const { key, session } = await startSession(ports, command)
      setSessionCookie(request, reply.code(201).header('cache-control', 'no-store'), key)
      return { ...own, sessionExpiresAt: isoTime(session.expiresAtMs) }
    },
  })

  app.delete('/v1/sessions', {
    schema: operations.endSession,
    config: { ...config, auditAction: 'session.ended' },
    onRequest: authorize(ports.credentials),
    handler: async (request, reply) => {
      const { credential, session } = request.authenticated ?? {}
      if (!credential || !session) throw new Refusal('session_unknown')
      const command = { session, credential, actor: actorOf(credential), requestId: request.id, ip: request.ip }
      const epoch = await endSession(ports, command)
      clearSessionCookie(request, reply.code(204).header(headers.revocationEpoch, epoch))
      return reply.send()
    },
  })
}

/** As on every other route, but that the token is in the body. */
async function authenticate(
  credentials: CredentialCache,
  request: FastifyRequest<{ Body: CreateSession }>,
): Promise<Authenticated> {
  const { token } = request.body
  const recalled = credentials.recall(token)
  const authenticated =
    recalled === undefined ? await credentials.lookUp(token, () => assertMayBeLookedUp(request)) : recalled
  if (!authenticated) throw refuseStranger(request)
  request.authenticated = authenticated
  credentials.noteUse(authenticated, undefined)
  return authenticated
}
