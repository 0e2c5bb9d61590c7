import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { isSignedBy } from './create-hmac.ts'
import type { Signed } from './sample.ts'

/** What the bare server needs to give the very bodies that Cutover gives. */
export interface BareSettings {
  readonly secret: string
  readonly secretId: string
}

interface Question extends Signed {
  readonly items?: readonly Signed[]
}

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
    const question = JSON.parse(Buffer.concat(chunks).toString()) as Question // sound: the load is our own
    const { items } = question
    const result = items ? { results: items.map((item) => judge(settings, item)) } : judge(settings, question)
    const body = JSON.stringify(result)
    const length = Buffer.byteLength(body)
    response.writeHead(200, { 'content-type': 'application/json; charset=utf-8', 'content-length': length }).end(body)
  })
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
