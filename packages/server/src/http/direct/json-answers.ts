import type { ServerResponse } from 'node:http'
import { headers } from '@cutover/contract'
import { makeRequestId } from '../plugins/request-frame.ts'
import { constantHeaders } from '../plugins/security-headers.ts'
import { PreparedResponse, toLines } from './prepared-response.ts'

const requestId = headers.requestId.toLowerCase()

/** Answers 200 with JSON, byte for byte as a route does. */
export class JsonAnswers {
  readonly #constant: readonly (readonly [string, string])[]
  readonly #constantLines: string

  constructor({ isTls }: { readonly isTls: boolean }) {
    this.#constant = [...Object.entries(constantHeaders(isTls)), ['content-type', 'application/json; charset=utf-8']]
    this.#constantLines = toLines(this.#constant)
  }

  send(response: ServerResponse, value: object): void {
    const body = JSON.stringify(value)
    const length = ['content-length', String(Buffer.byteLength(body))]
    if (response instanceof PreparedResponse && PreparedResponse.isHonoured) {
      response.writePrepared(200, `${requestId}: ${makeRequestId()}\r\n${this.#constantLines}`, length)
    } else {
      response.writeHead(200, [requestId, makeRequestId(), ...this.#constant.flat(), ...length])
    }
    response.end(body)
  }
}
