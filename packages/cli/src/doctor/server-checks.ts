import { type CutoverClient, NetworkError, TimeoutError } from '@cutover/client'
import { failureOf } from '../failure-of.ts'
import { span } from '../ui/times.ts'
import { type Check, ok, problem, skipped, warning } from './check.ts'

/** Beyond it the server refuses what an integrator signed; a JWT is off much earlier. */
const refusedSkewMs = 300_000
const jwtLeewayMs = 60_000

export async function checkReachable(client: CutoverClient, baseUrl: string): Promise<readonly Check[]> {
  try {
    await client.live()
  } catch (error) {
    const isDown = error instanceof NetworkError || error instanceof TimeoutError
    const remedy = isDown
      ? 'is it running, and is the URL right? --url, CUTOVER_URL'
      : 'is that the address of Cutover?'
    return [problem('reachable', failureOf(error).message, remedy)]
  }
  return [ok('reachable', `${baseUrl} answers`), await checkReady(client)]
}

async function checkReady(client: CutoverClient): Promise<Check> {
  try {
    await client.ready()
    return ok('ready', 'it takes traffic, and its store answers')
  } catch (error) {
    const remedy = 'look at its log: the store does not answer, or the node lost its lease'
    return problem('ready', `it is not ready: ${failureOf(error).message}`, remedy)
  }
}

/** By the Date of an answer, which has whole seconds (RFC 9110 §6.6.1). */
export async function checkClock(baseUrl: string): Promise<Check> {
  try {
    const sentAtMs = Date.now()
    const { headers } = await fetch(`${baseUrl}/livez`, { redirect: 'manual', signal: AbortSignal.timeout(10_000) })
    return judgeClock(headers.get('date'), { sentAtMs, receivedAtMs: Date.now() })
  } catch (error) {
    return skipped('clock', failureOf(error).message)
  }
}

export function judgeClock(
  date: string | null,
  asked: { readonly sentAtMs: number; readonly receivedAtMs: number },
): Check {
  const serverMs = Date.parse(date ?? '')
  if (Number.isNaN(serverMs)) return skipped('clock', 'the server does not tell its time')
  const skewMs = (asked.sentAtMs + asked.receivedAtMs) / 2 - (serverMs + 500)
  const doubtMs = 500 + (asked.receivedAtMs - asked.sentAtMs) / 2
  const sureMs = Math.abs(skewMs) - doubtMs
  if (sureMs < 5000) return ok('clock', 'the clocks of this machine and of the server agree')
  const by = `this clock is ${span(Math.abs(skewMs) / 1000)} ${skewMs > 0 ? 'ahead of' : 'behind'} the server's`
  const remedy = 'set the clock that is wrong, and keep it right with NTP'
  if (sureMs >= refusedSkewMs) return problem('clock', `${by}: requests that are signed here are refused`, remedy)
  return warning('clock', `${by}${sureMs >= jwtLeewayMs ? ': JWTs that are signed here may be refused' : ''}`, remedy)
}
