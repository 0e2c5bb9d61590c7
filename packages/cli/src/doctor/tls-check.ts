import { once } from 'node:events'
import { connect, type PeerCertificate, type TLSSocket } from 'node:tls'
import { isLoopback } from '../connection.ts'
import { failureOf } from '../failure-of.ts'
import { span, utc } from '../ui/times.ts'
import { type Check, ok, problem, skipped, warning } from './check.ts'

const id = 'tls'
const soonSeconds = 30 * 86_400
const timeoutMs = 10_000

export async function checkTls(baseUrl: string): Promise<Check> {
  const { protocol, hostname, port } = new URL(baseUrl)
  if (protocol === 'http:') {
    return isLoopback(hostname)
      ? ok(id, 'plain http, which does not leave this machine')
      : problem(
          id,
          'plain http: whoever is on the way reads the access token',
          'put TLS in front of it, and use https://',
        )
  }
  const host = hostname.replace(/^\[|\]$/g, '')
  try {
    const { certificate, distrust } = await readCertificate(host, Number(port || 443))
    return judgeCertificate(certificate, { distrust, nowMs: Date.now() })
  } catch (error) {
    return skipped(id, failureOf(error).message)
  }
}

export function judgeCertificate(
  { valid_to }: Pick<PeerCertificate, 'valid_to'>,
  { distrust, nowMs }: { readonly distrust: string | null; readonly nowMs: number },
): Check {
  const until = utc(new Date(valid_to).toISOString())
  const leftSeconds = (Date.parse(valid_to) - nowMs) / 1000
  const remedy = 'have it renewed, and look why that did not happen by itself'
  if (leftSeconds <= 0) return problem(id, `the certificate is over since ${until} UTC`, remedy)
  if (distrust !== null) {
    return problem(
      id,
      `the certificate is not trusted: ${distrust}`,
      'NODE_EXTRA_CA_CERTS names a file of your own authority',
    )
  }
  if (leftSeconds < soonSeconds) {
    return warning(id, `the certificate is over in ${span(leftSeconds)}, at ${until} UTC`, remedy)
  }
  return ok(id, `the certificate is good for ${span(leftSeconds)} yet`)
}

/** Looked at whether it is trusted or not: nothing is sent over this connection. */
async function readCertificate(host: string, port: number) {
  const servername = /^[\d.]+$|:/.test(host) ? {} : { servername: host }
  const socket: TLSSocket = connect({ host, port, ...servername, rejectUnauthorized: false })
  try {
    await once(socket, 'secureConnect', { signal: AbortSignal.timeout(timeoutMs) })
    // Its type says Error; what it holds is the code.
    const distrust = socket.authorized ? null : String(socket.authorizationError)
    return { certificate: socket.getPeerCertificate(), distrust }
  } finally {
    socket.destroy()
  }
}
