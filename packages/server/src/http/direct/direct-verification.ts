import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http'
import { operations, type VerificationRequest } from '@cutover/contract'
import type { Authenticated } from '../../access-tokens/credential-cache.ts'
import type { Verdict } from '../../verification/verify-user.ts'
import type { VerificationPorts } from '../native/verification-routes.ts'
import { questionFaults, toResult } from '../native/verification-wire.ts'
import { type VerifyNowPorts, verifyNow } from '../native/verify-now.ts'
import { parseObject } from '../plugins/json-body.ts'
import { checkOf } from '../plugins/validation.ts'
import { keepArrival } from './arrivals.ts'
import type { JsonAnswers } from './json-answers.ts'
import { bodyLength, isPlainPost, verifierOf } from './plain-request.ts'
import { readWhole } from './read-whole.ts'

/**
 * Answers a verification without the framework, where that is a 200 from memory. It refuses nothing and waits for nothing
 * but the body: every other request goes to its route, as if nobody had looked at it before.
 */
export class DirectVerification {
  readonly #ports: VerificationPorts
  readonly #memory: VerifyNowPorts
  readonly #answers: JsonAnswers

  constructor(ports: VerificationPorts, answers: JsonAnswers) {
    this.#ports = ports
    this.#memory = { ...ports, keysets: { held: (id) => ports.keysets.recall(id) } }
    this.#answers = answers
  }

  /** Answers `request`, or has `route` answer it. */
  answer(request: IncomingMessage, response: ServerResponse, route: RequestListener): void {
    const startedMs = performance.now()
    const verifier = isPlainPost(request, '/v1/verifications') ? verifierOf(request, this.#ports.credentials) : null
    if (verifier === null) {
      route(request, response)
      return
    }
    readWhole(request, (body) => {
      const verdict = body instanceof Error ? undefined : this.#judge(request, verifier, body)
      if (verdict) {
        this.#ports.credentials.noteUse(verifier, 'verify', verdict.atMs)
        this.#ports.durations.observe('verify', performance.now() - startedMs)
        this.#answers.send(response, toResult(verdict))
      } else {
        keepArrival(request, { startedMs, body })
        route(request, response)
      }
    })
  }

  #judge({ headers }: IncomingMessage, authenticated: Authenticated, body: Buffer): Verdict | undefined {
    if (body.length !== bodyLength({ headers })) return undefined
    try {
      const question = parseObject(body)
      return isQuestion(question) ? verifyNow(this.#memory, { authenticated, headers }, question) : undefined
    } catch {
      // The route comes to the same, and says it in the words of its dialect.
      return undefined
    }
  }
}

const fitsSchema = checkOf(operations.verify.body)

function isQuestion(value: object): value is VerificationRequest {
  // Sound: the schema was just checked.
  return fitsSchema(value) && questionFaults(value as VerificationRequest).length === 0
}
