import { headers } from '@cutover/contract'
import swagger from '@fastify/swagger'
import swaggerUi from '@fastify/swagger-ui'
import type { FastifyInstance } from 'fastify'

/** No inline script, no inline style, no other host. */
const readerPolicy =
  "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; " +
  "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"

/** The OpenAPI document of every route registered after this, and its reader. */
export async function openApiRoutes(app: FastifyInstance, version: string): Promise<void> {
  await app.register(swagger, {
    openapi: {
      openapi: '3.1.0',
      info: {
        title: 'Cutover',
        version,
        description: 'Issues, rotates, verifies and retires the secrets that other people sign with.',
        license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
      },
      tags: [
        { name: 'Identity Verification Secrets', description: "Compatible with Intercom's Preview API" },
        { name: 'Identity secrets', description: 'The same secrets, with their whole life' },
        { name: 'Verification', description: 'Did this user really come from your backend?' },
        { name: 'Integrators', description: 'Those who sign whole requests' },
        { name: 'Access tokens', description: 'Who may do what' },
        { name: 'Sessions', description: 'For browsers: a cookie in place of an access token' },
        { name: 'Settings', description: 'What is enforced, and how old a secret may be' },
        { name: 'Workspaces', description: 'For the operator of the whole installation' },
        { name: 'Audit log', description: 'Who did what, and proof that nobody has altered it since' },
        { name: 'Service', description: 'For those who run it' },
      ],
      components: {
        securitySchemes: {
          accessToken: { type: 'http', scheme: 'bearer', description: 'An access token, `cut_…`' },
          session: {
            type: 'apiKey',
            in: 'cookie',
            name: 'cutover_session',
            description:
              'Given by `POST /v1/sessions`, with TLS as `__Host-cutover_session`; not looked at where Authorization is sent. ' +
              'Whatever changes something needs the `Origin` of this server, too',
          },
          integratorKey: signatureHeader(headers.integratorKey, 'The key of the integrator, `int_…`'),
          requestTimestamp: signatureHeader(headers.timestamp, 'Unix milliseconds: exactly 13 digits'),
          requestSignature: signatureHeader(
            headers.signature,
            '`sha256=` and the HMAC-SHA256, in lowercase hex, of `{timestamp}.{METHOD}.{path}.{bodyHash}`, keyed with ' +
              'the bytes of the secret string',
          ),
        },
      },
    },
  })
  await app.register(swaggerUi, {
    routePrefix: '/docs',
    staticCSP: true,
    transformStaticCSP: () => readerPolicy,
    theme: { title: 'Cutover API' },
    uiConfig: { layout: 'BaseLayout', validatorUrl: null, persistAuthorization: false },
  })
  app.get('/openapi.json', { schema: { hide: true }, config: { log: 'errors' }, handler: () => app.swagger() })
}

function signatureHeader(name: string, description: string) {
  return { type: 'apiKey', in: 'header', name, description } as const
}
