import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http'
import type { Front } from '../direct/in-front.ts'
import type { JsonAnswers } from '../direct/json-answers.ts'
import { bodyLength } from '../direct/plain-request.ts'
import { makeRequestId } from '../plugins/request-frame.ts'
import { problemBody } from '../problem.ts'
import { Refusal } from '../refusal.ts'
import { type LargeBodies, largeBodyBytes } from './large-bodies.ts'
import type { Patience } from './patience.ts'
import type { ShedRequests } from './shed-requests.ts'
import { TurnWait } from './turn-wait.ts'

/** What comes by the thousand. Changes and lists are few, and whoever wants to delete a leaked secret has to get through. */
const sheddable: ReadonlySet<string | undefined> = new Set([
  '/v1/verifications',
  '/v1/verifications/batch',
  '/v1/request-verifications',
])

export interface LoadSheddingPorts {
  readonly next: Front
  /** Answers with 503. */
  readonly refusals: JsonAnswers
  readonly largeBodies: LargeBodies
  readonly shed: ShedRequests
  readonly patience: Patience
}

/**
 * Answers verifications with 503 that come when this process has more to do than it can: their clients hear at once that
 * they should try again, or somewhere else. The longer the wait, the larger the share, drawn by lot (random early
 * detection, RFC 7567, section 2.2): if all were shed beyond one bound, none would be answered while the crowd lasts.
 */
export class LoadShedding implements Front {
  readonly #ports: LoadSheddingPorts
  readonly #turnWait = new TurnWait()

  constructor(ports: LoadSheddingPorts) {
    this.#ports = ports
  }

  answer(request: IncomingMessage, response: ServerResponse, route: RequestListener): void {
    const { next, refusals, shed } = this.#ports
    const waitedMs = this.#waitedMs(request)
    if (sheddable.has(request.url) && this.#isDrawn(waitedMs)) {
      shed.note()
      const id = makeRequestId()
      refusals.send(response, problemBody(new Refusal('too_busy'), { id, url: request.url ?? '' }), id)
    } else next.answer(request, response, route)
  }

  /** What `request` may have waited, and its body may have to. */
  #waitedMs(request: IncomingMessage): number {
    const { largeBodies } = this.#ports
    const nowMs = performance.now()
    const waitedMs = this.#turnWait.atMostMs(request.socket, nowMs)
    if (bodyLength(request) > largeBodyBytes) return Math.max(waitedMs, largeBodies.waitedMs(nowMs))
    largeBodies.noteOther()
    return waitedMs
  }

  #isDrawn(waitedMs: number): boolean {
    const { toleratedMs, longestMs } = this.#ports.patience
    return waitedMs > toleratedMs && Math.random() * (longestMs - toleratedMs) < waitedMs - toleratedMs
  }
}
