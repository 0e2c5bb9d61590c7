import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http'
import type { Front } from '../direct/in-front.ts'
import type { JsonAnswers } from '../direct/json-answers.ts'
import { makeRequestId } from '../plugins/request-frame.ts'
import { problemBody } from '../problem.ts'
import { Refusal } from '../refusal.ts'
import type { ShedRequests } from './shed-requests.ts'
import { TurnWait } from './turn-wait.ts'

/** What comes by the thousand. Changes and lists are few, and whoever wants to delete a leaked secret has to get through. */
const sheddable: ReadonlySet<string | undefined> = new Set([
  '/v1/verifications',
  '/v1/verifications/batch',
  '/v1/request-verifications',
])

/** Of those that may have waited for longer than the first some are shed, and all for which it may be the second. */
const toleratedMs = 250
const longestMs = 2000

/**
 * Answers verifications with 503 that come when this process has more to do than it can: their clients hear at once that
 * they should try again, or somewhere else. The longer the wait, the larger the share, drawn by lot (random early
 * detection, RFC 7567, section 2.2): if all were shed beyond one bound, none would be answered while the crowd lasts.
 */
export class LoadShedding implements Front {
  readonly #next: Front
  readonly #answers: JsonAnswers
  readonly #shed: ShedRequests
  readonly #turnWait = new TurnWait()

  constructor(next: Front, answers: JsonAnswers, shed: ShedRequests) {
    this.#next = next
    this.#answers = answers
    this.#shed = shed
  }

  answer(request: IncomingMessage, response: ServerResponse, route: RequestListener): void {
    const waitedMs = this.#turnWait.atMostMs(request.socket, performance.now())
    if (waitedMs > toleratedMs && sheddable.has(request.url) && isDrawn(waitedMs)) {
      this.#shed.note()
      const id = makeRequestId()
      this.#answers.send(response, problemBody(new Refusal('too_busy'), { id, url: request.url ?? '' }), id)
    } else this.#next.answer(request, response, route)
  }
}

function isDrawn(waitedMs: number): boolean {
  return Math.random() * (longestMs - toleratedMs) < waitedMs - toleratedMs
}
