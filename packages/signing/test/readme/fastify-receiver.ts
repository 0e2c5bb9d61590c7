import { createKeyset, integratorKeyOf, type Keyset, verifyRequest } from '@cutover/signing'
import type { FastifyInstance } from 'fastify'

export function requireSignature(app: FastifyInstance, keysets: ReadonlyMap<string, Keyset>): void {
  app.removeAllContentTypeParsers()
  app.addContentTypeParser('*', { parseAs: 'buffer' }, (_request, body, done) => done(null, body))
  app.addHook<{ Body?: Buffer }>('preValidation', (request, reply, done) => {
    const { method, originalUrl: path, body } = request
    const headers = request.raw.rawHeaders
    const keyset = keysets.get(integratorKeyOf(headers) ?? '') ?? createKeyset([])
    const answer = verifyRequest(keyset, { method, path, headers, body })
    if (answer.verified) done()
    else reply.code(401).send({ reason: answer.reason })
  })
}
