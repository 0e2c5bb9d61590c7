import { type Arena, connections, proveExchange } from './arena.ts'
import { call } from './call.ts'
import { contest } from './contest.ts'
import type { Finding } from './finding.ts'
import type { Effort } from './options.ts'
import { forgeRequest, type SignedRequest, signRequests } from './signed-requests.ts'
import { median, medianRatio } from './statistics.ts'

const path = '/v1/request-verifications'
const requests = 256

/** `POST /v1/request-verifications` about genuine requests, none consumed, beside bare node:http. */
export async function measureRequestVerification(effort: Effort, arena: Arena): Promise<Finding[]> {
  const signed = signRequests(arena.integrator, requests)
  await proveRefusal(arena, signed)
  const exchanges = await Promise.all(signed.map((each) => proveExchange(arena, path, each, isVerified)))
  const { cutover, bare, cautions } = await contest(arena, effort, { path, exchanges, connections })
  const finding: Finding = {
    unit: 'requests/s',
    subject: { what: `POST ${path}`, figure: median(cutover), rounds: cutover },
    baseline: { what: 'bare node:http', figure: median(bare), rounds: bare },
    ratio: medianRatio(cutover, bare),
    target: null,
    cautions,
  }
  return [finding]
}

function isVerified(answer: string): boolean {
  return (JSON.parse(answer) as { verified: unknown }).verified === true // sound: compared here
}

/** A server that accepted everything would be fast. */
async function proveRefusal({ cutover }: Arena, signed: readonly SignedRequest[]): Promise<void> {
  for (const each of signed.slice(0, 8)) {
    const answer = await call(cutover, { method: 'POST', path, body: forgeRequest(each), workspaceId: null })
    const { verified, reason } = JSON.parse(answer) as { verified: unknown; reason: unknown } // sound: compared below
    if (verified !== false || reason !== 'signature_invalid') throw new Error(`a forged request: ${answer}`)
  }
}
