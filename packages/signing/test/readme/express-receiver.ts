import { createKeyset, integratorKeyOf, type Keyset, verifyRequest } from '@cutover/signing'
import { type RequestHandler, raw } from 'express'

export function requireSignature(keysets: ReadonlyMap<string, Keyset>): RequestHandler[] {
  const readRawBody = raw({ type: () => true })
  const verify: RequestHandler = (request, response, next) => {
    const { method, originalUrl: path, rawHeaders: headers, body } = request
    const keyset = keysets.get(integratorKeyOf(headers) ?? '') ?? createKeyset([])
    const answer = verifyRequest(keyset, { method, path, headers, body })
    if (answer.verified) next()
    else response.status(401).send({ reason: answer.reason })
  }
  return [readRawBody, verify]
}
