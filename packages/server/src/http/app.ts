import { limits } from '@cutover/contract'
import fastify, { type FastifyBaseLogger, type FastifyInstance } from 'fastify'
import type { AnsweredRead } from '../audit/record-read.ts'
import type { RefusalRecorder } from '../audit/refusal-recorder.ts'
import type { RateLimits } from '../rate-limits/rate-limits.ts'
import { answerBrokenRequest } from './broken-requests.ts'
import { dashboardRoutes } from './dashboard/dashboard-routes.ts'
import { retryAfterSeconds } from './dialect.ts'
import { DirectVerification } from './direct/direct-verification.ts'
import { type Front, placeInFront } from './direct/in-front.ts'
import { JsonAnswers } from './direct/json-answers.ts'
import { PreparedResponse } from './direct/prepared-response.ts'
import { type IntegratorRoutePorts, integratorRoutes } from './integrator/integrator-routes.ts'
import { type SecureModeSecretPorts, secureModeSecretsRoutes } from './intercom/secure-mode-secrets-routes.ts'
import { type AccessTokenRoutePorts, accessTokensRoutes } from './native/access-tokens-routes.ts'
import { type AuditLogPorts, auditLogRoutes } from './native/audit-log-routes.ts'
import { type DeleteIdentitySecretPorts, deleteIdentitySecretRoute } from './native/delete-identity-secret-route.ts'
import { type DiagnoseRoutePorts, diagnoseRoute } from './native/diagnose-route.ts'
import { type HealthPorts, healthRoute } from './native/health-route.ts'
import { type IdentitySecretsRoutePorts, identitySecretsRoutes } from './native/identity-secrets-routes.ts'
import { type IntegratorsRoutePorts, integratorsRoutes } from './native/integrators-routes.ts'
import { type CutoverStreamPorts, cutoverStreamRoute } from './native/live/cutover-stream-route.ts'
import { type NodesPorts, nodesRoute } from './native/nodes-route.ts'
import { type OutcomesPorts, outcomesRoute } from './native/outcomes-route.ts'
import { type RequestVerificationPorts, requestVerificationRoute } from './native/request-verification-route.ts'
import { type SessionsRoutePorts, sessionsRoutes } from './native/sessions-routes.ts'
import { type SettingsRoutePorts, settingsRoutes } from './native/settings-routes.ts'
import { type UsageRoutePorts, usageRoutes } from './native/usage-routes.ts'
import { type VerificationPorts, verificationRoutes } from './native/verification-routes.ts'
import { type WorkspaceRoutePorts, workspacesRoutes } from './native/workspaces-routes.ts'
import { LargeBodies } from './overload/large-bodies.ts'
import { LoadShedding } from './overload/load-shedding.ts'
import { patience } from './overload/patience.ts'
import type { ShedRequests } from './overload/shed-requests.ts'
import { endedSessions } from './plugins/ended-sessions.ts'
import { errorAnswers, refuseTo } from './plugins/error-answers.ts'
import { jsonBody } from './plugins/json-body.ts'
import { recordReads } from './plugins/record-reads.ts'
import { recordRefusals } from './plugins/record-refusals.ts'
import { makeRequestId, requestFrame } from './plugins/request-frame.ts'
import { requestLog } from './plugins/request-log.ts'
import { securityHeaders } from './plugins/security-headers.ts'
import { validation } from './plugins/validation.ts'
import './request-context.ts'
import { type MetricsPorts, metricsRoute } from './service/metrics-route.ts'
import { openApiRoutes } from './service/openapi-routes.ts'
import { type ProbePorts, probeRoutes } from './service/probe-routes.ts'
import { endSilentConnections } from './silent-connections.ts'

export interface AppPorts {
  readonly secureModeSecrets: SecureModeSecretPorts
  readonly usage: UsageRoutePorts
  readonly liveViews: CutoverStreamPorts
  readonly outcomes: OutcomesPorts
  readonly verification: VerificationPorts
  readonly diagnosis: DiagnoseRoutePorts
  readonly integrator: IntegratorRoutePorts
  readonly integrators: IntegratorsRoutePorts
  readonly requestVerification: RequestVerificationPorts
  readonly accessTokens: AccessTokenRoutePorts
  readonly sessions: SessionsRoutePorts
  readonly workspaces: WorkspaceRoutePorts
  readonly auditLog: AuditLogPorts
  readonly identitySecrets: IdentitySecretsRoutePorts
  readonly deleteIdentitySecret: DeleteIdentitySecretPorts
  readonly settings: SettingsRoutePorts
  readonly nodes: NodesPorts
  readonly health: HealthPorts
  readonly probes: ProbePorts
  readonly metrics: MetricsPorts
  readonly refusals: RefusalRecorder
  /** `null`: reads are not recorded. */
  readonly recordRead: ((read: AnsweredRead) => Promise<void>) | null
  readonly rateLimits: RateLimits | null
  readonly shedRequests: ShedRequests
}

export interface AppSettings {
  readonly version: string
  readonly logger: FastifyBaseLogger
  readonly tls: { readonly cert: string; readonly key: string } | null
  /** Proxies whose `X-Forwarded-For` is believed. */
  readonly trustProxy: readonly string[]
  /** Where the dashboard was built to; `null`: it was not. */
  readonly dashboardDirectory: string | null
}

/** How long a client may take: for its first byte and for its headers, for its whole request, and between two requests. */
const timeouts = { headersMs: 10_000, requestMs: 30_000, keepAliveMs: 65_000 }

/** Every route and everything around it; the caller listens. */
export async function buildApp(ports: AppPorts, settings: AppSettings): Promise<FastifyInstance> {
  const isTls = settings.tls !== null
  const server = {
    maxHeaderSize: limits.headerBytes,
    headersTimeout: timeouts.headersMs,
    // Looked for by ourselves: Node would answer without a request id and without a body.
    requireHostHeader: false,
    ServerResponse: PreparedResponse,
    connectionsCheckingInterval: 1000,
  }
  const refuse = refuseTo(recordRefusals(ports.refusals), settings.logger)
  const app = fastify({
    ...(settings.tls ? { https: { ...server, ...settings.tls } } : { http: server }),
    bodyLimit: limits.bodyBytes,
    requestTimeout: timeouts.requestMs,
    keepAliveTimeout: timeouts.keepAliveMs,
    genReqId: makeRequestId,
    requestIdHeader: false,
    trustProxy: settings.trustProxy.length > 0 ? [...settings.trustProxy] : false,
    // Fastify's own logger costs a verification more than its hash; what is worth a line is logged here.
    logger: false,
    // While stopping, what arrives on an open connection is answered like any other request.
    return503OnClosing: false,
    forceCloseConnections: 'idle',
    clientErrorHandler: answerBrokenRequest,
    // A path that does not decode never meets a hook or a handler.
    frameworkErrors: refuse,
    // An id of any length is a wrong id, not a wrong path; the header limit bounds the path.
    routerOptions: { maxParamLength: limits.headerBytes },
  }) as unknown as FastifyInstance // sound: with TLS only the type of the raw server differs

  errorAnswers(app, refuse)
  app.decorate('rateLimits', ports.rateLimits)
  requestFrame(app)
  requestLog(app, settings.logger)
  if (ports.recordRead) recordReads(app, ports.recordRead)
  const largeBodies = new LargeBodies(patience, ports.shedRequests)
  jsonBody(app, largeBodies)
  validation(app)
  endedSessions(app, ports.sessions.credentials)
  securityHeaders(app, { isTls })
  await openApiRoutes(app, settings.version)
  secureModeSecretsRoutes(app, ports.secureModeSecrets)
  usageRoutes(app, ports.usage)
  cutoverStreamRoute(app, ports.liveViews)
  outcomesRoute(app, ports.outcomes)
  verificationRoutes(app, ports.verification)
  diagnoseRoute(app, ports.diagnosis)
  await integratorRoutes(app, ports.integrator)
  integratorsRoutes(app, ports.integrators)
  requestVerificationRoute(app, ports.requestVerification)
  accessTokensRoutes(app, ports.accessTokens)
  await sessionsRoutes(app, ports.sessions)
  workspacesRoutes(app, ports.workspaces)
  auditLogRoutes(app, ports.auditLog)
  identitySecretsRoutes(app, ports.identitySecrets)
  deleteIdentitySecretRoute(app, ports.deleteIdentitySecret)
  settingsRoutes(app, ports.settings)
  nodesRoute(app, ports.nodes)
  healthRoute(app, ports.health)
  probeRoutes(app, ports.probes)
  metricsRoute(app, ports.metrics)
  await dashboardRoutes(app, settings.dashboardDirectory)
  placeInFront(app, frontOf(ports, largeBodies, isTls))
  endSilentConnections(app.server, timeouts.headersMs, { isTls })
  return app
}

/** What sees a request before the router does. */
function frontOf({ verification, shedRequests }: AppPorts, largeBodies: LargeBodies, isTls: boolean): Front {
  const verified = { isTls, status: 200, headers: { 'content-type': 'application/json; charset=utf-8' } }
  const refused = {
    isTls,
    status: 503,
    headers: { 'retry-after': String(retryAfterSeconds), 'content-type': 'application/problem+json; charset=utf-8' },
  }
  return new LoadShedding({
    next: new DirectVerification(verification, new JsonAnswers(verified)),
    refusals: new JsonAnswers(refused),
    largeBodies,
    shed: shedRequests,
    patience,
  })
}
