import { randomInt } from 'node:crypto'
import { type TimedRoute, unknownKey } from './refused-requests.ts'
import type { TimedConnection } from './timed-connection.ts'

/** Nanoseconds of each refusal, in the order in which they were asked for. */
export interface RefusalTimes {
  readonly unknownKey: Float64Array
  readonly wrongSignature: Float64Array
}

export interface Sampling {
  /** The key of an integrator that is in memory. */
  readonly knownKey: string
  /** Of each kind. */
  readonly samples: number
  /** Of each kind, before anything counts. */
  readonly warmUps: number
}

type Kind = keyof RefusalTimes

/**
 * Asks in pairs, one of each kind in an order that is drawn by lot, so that whatever the machine does meets both alike.
 * Every unknown key is a new one. Fails when two answers differ in more than their date and their request id.
 */
export async function sampleTimes(
  connection: TimedConnection,
  route: TimedRoute,
  { knownKey, samples, warmUps }: Sampling,
): Promise<RefusalTimes> {
  const times = { unknownKey: new Float64Array(samples), wrongSignature: new Float64Array(samples) }
  let expected: string | undefined
  for (let pair = -warmUps; pair < samples; pair += 1) {
    // Both are made for either order, and before the first is sent.
    const requests = { unknownKey: route.refused(unknownKey()), wrongSignature: route.refused(knownKey) }
    for (const kind of drawnOrder()) {
      const { ns, text } = await connection.ask(requests[kind])
      const comparable = withoutOccasion(text)
      expected ??= comparable
      if (comparable !== expected) throw new Error(`answers differ:\n${expected}\n${comparable}`)
      if (pair >= 0) times[kind][pair] = ns
    }
  }
  if (expected?.includes('signature_invalid') !== true) throw new Error(`not a refused signature: ${expected}`)
  return times
}

function drawnOrder(): readonly Kind[] {
  return randomInt(2) === 0 ? ['unknownKey', 'wrongSignature'] : ['wrongSignature', 'unknownKey']
}

const requestId = /[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/g

function withoutOccasion(answer: string): string {
  return answer.replaceAll(requestId, '<request id>').replace(/^date: .*$/im, 'date: <now>')
}
