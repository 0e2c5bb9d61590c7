/** What the node knew when it sent a request. */
export interface Sending {
  /** The lease clock, read before the request was sent. */
  readonly readingMs: number
  /** The highest epoch that was known to be committed: a store that answers with a lower one went back in time. */
  readonly known: number
}

/** One request at a time. Replies to any other than the one under way, or to one for the second time, are nobody's. */
export class RequestLane {
  #underWay: { readonly request: object; readonly sending: Sending } | undefined
  #notBeforeMs = Number.NEGATIVE_INFINITY

  /** When the next request may be sent, `Infinity` while one is under way. */
  get freeAtMs(): number {
    return this.#underWay ? Number.POSITIVE_INFINITY : this.#notBeforeMs
  }

  send<Request extends object>(request: Request, sending: Sending): Request {
    this.#underWay = { request, sending }
    return request
  }

  /** The request is answered; `undefined` when it is not the one under way. */
  settle(request: object): Sending | undefined {
    if (this.#underWay?.request !== request) return undefined
    const { sending } = this.#underWay
    this.#underWay = undefined
    return sending
  }

  fail(request: object, retryAtMs: number): void {
    if (this.settle(request)) this.#notBeforeMs = retryAtMs
  }
}
