import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { isRequestSignedBy, isSignedBy } from './create-hmac.ts'
import type { BenchIntegrator } from './integrator.ts'
import type { Signed } from './sample.ts'
import type { SignedRequest } from './signed-requests.ts'

/** What the bare server needs to give the very bodies that Cutover gives. */
export interface BareSettings {
  readonly secret: string
  readonly secretId: string
  readonly integrator: BenchIntegrator
}

interface Question extends Signed {
  readonly items?: readonly Signed[]
}

const requestVerificationPath = '/v1/request-verifications'

// The least that node:http can do for the same answer: no credential, no validation, no counting, no request id. It
// parses the body, computes the HMAC, compares it, and writes the result.
process.once('message', (message) => {
  const settings = message as BareSettings // sound: start-bare.ts sends nothing else
  const server = createServer((request, response) => answerWhenRead(settings, request, response))
  server.listen(0, '127.0.0.1', () => process.send?.((server.address() as AddressInfo).port))
})
process.once('disconnect', () => process.exit())

function answerWhenRead(settings: BareSettings, request: IncomingMessage, response: ServerResponse): void {
  if (request.url === '/metrics') {
    response.end(`process_cpu_seconds_total ${process.cpuUsage().user / 1e6 + process.cpuUsage().system / 1e6}\n`)
    return
  }
  const chunks: Buffer[] = []
  request.on('data', (chunk: Buffer) => chunks.push(chunk))
  request.on('end', () => {
    const question: unknown = JSON.parse(Buffer.concat(chunks).toString())
    const isOfRequest = request.url === requestVerificationPath
    // Sound, both: the load is our own.
    const result = isOfRequest
      ? judgeRequest(settings, question as SignedRequest)
      : answer(settings, question as Question)
    const body = JSON.stringify(result)
    const length = Buffer.byteLength(body)
    response.writeHead(200, { 'content-type': 'application/json; charset=utf-8', 'content-length': length }).end(body)
  })
}

function answer(settings: BareSettings, question: Question) {
  const { items } = question
  return items ? { results: items.map((item) => judge(settings, item)) } : judge(settings, question)
}

function judgeRequest({ integrator }: BareSettings, request: SignedRequest) {
  const verified = isRequestSignedBy(integrator, request)
  return {
    verified,
    reason: verified ? null : 'signature_invalid',
    integratorId: verified ? integrator.id : null,
    secretFingerprint: verified ? integrator.fingerprint : null,
    secretExpiresAt: null,
  }
}

function judge({ secret, secretId }: BareSettings, question: Signed) {
  const verified = isSignedBy(secret, question)
  return {
    verified,
    decision: verified ? 'allow' : 'reject',
    reason: verified ? null : 'mismatch',
    method: 'userHash',
    userId: verified ? question.userId : null,
    secretId: verified ? secretId : null,
    secretExpiresAt: null,
    enforcement: 'enforce',
  }
}
