import { randomBytes } from 'node:crypto'
import { existsSync } from 'node:fs'
import fastifyStatic from '@fastify/static'
import type { FastifyInstance } from 'fastify'
import { Refusal } from '../refusal.ts'
import { type BuiltPage, readBuiltPage } from './built-page.ts'

/** Everything the page asks for, by a hash of its content: no other file is served, whatever lies beside them. */
const assetPath = /^\/assets\/[A-Za-z0-9_][A-Za-z0-9_.-]*[-.][A-Za-z0-9_-]{8,}\.(?:js|css|woff2|svg|png|webp|ico)$/

const notBuilt = `The dashboard was not built. In the directory of Cutover:

  npm run build

and start it again. The API is described at /docs.
`

/** No inline script, no inline style without the nonce of this very answer, no other host. */
function policyFor(nonce: string): string {
  return (
    `default-src 'none'; script-src 'self'; style-src 'self' 'nonce-${nonce}'; img-src 'self' data:; ` +
    "font-src 'self'; connect-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
  )
}

/** @param directory - where the page was built to; `null`: it was not */
export async function dashboardRoutes(app: FastifyInstance, directory: string | null): Promise<void> {
  const page = readBuiltPage(directory)
  app.get('/', {
    schema: { hide: true },
    config: { log: 'errors' },
    handler: async (_request, reply) => {
      reply.header('cache-control', 'no-store').serializer(String)
      if (!page) return reply.code(404).type('text/plain; charset=utf-8').send(notBuilt)
      const nonce = randomBytes(16).toString('base64')
      reply.header('content-security-policy', policyFor(nonce))
      return reply.type('text/html; charset=utf-8').send(page.withNonce(nonce))
    },
  })
  if (page && existsSync(page.assetsDirectory)) await serveAssets(app, page)
}

async function serveAssets(root: FastifyInstance, { assetsDirectory }: BuiltPage): Promise<void> {
  await root.register(async (app) => {
    app.addHook('onRoute', (route) => {
      route.config = { ...route.config, log: 'errors' }
    })
    app.addHook('onRequest', (request, _reply, done) => {
      const [path = ''] = request.url.split('?', 1)
      done(assetPath.test(path) ? undefined : new Refusal('route_unknown'))
    })
    await app.register(fastifyStatic, {
      root: assetsDirectory,
      prefix: '/assets/',
      preCompressed: true,
      immutable: true,
      maxAge: '1y',
      index: false,
      decorateReply: false,
    })
  })
}
