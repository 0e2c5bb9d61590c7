import type { ServerResponse } from 'node:http'
import { headers } from '@cutover/contract'
import { makeRequestId } from '../plugins/request-frame.ts'
import { constantHeaders } from '../plugins/security-headers.ts'
import { PreparedResponse, toLines } from './prepared-response.ts'

const requestId = headers.requestId.toLowerCase()

export interface JsonAnswerSettings {
  readonly isTls: boolean
  readonly status: number
  /** By lower-case name: what every such answer has, beyond what all answers of this server have. */
  readonly headers: Readonly<Record<string, string>>
}

/** Answers of one kind with JSON, byte for byte as a route gives them. */
export class JsonAnswers {
  readonly #status: number
  readonly #constant: readonly (readonly [string, string])[]
  readonly #constantLines: string

  constructor({ isTls, status, headers }: JsonAnswerSettings) {
    this.#status = status
    this.#constant = [...Object.entries(constantHeaders(isTls)), ...Object.entries(headers)]
    this.#constantLines = toLines(this.#constant)
  }

  send(response: ServerResponse, value: object, id = makeRequestId()): void {
    const body = JSON.stringify(value)
    const length = ['content-length', String(Buffer.byteLength(body))]
    if (response instanceof PreparedResponse && PreparedResponse.isHonoured) {
      response.writePrepared(this.#status, `${requestId}: ${id}\r\n${this.#constantLines}`, length)
    } else {
      response.writeHead(this.#status, [requestId, id, ...this.#constant.flat(), ...length])
    }
    response.end(body)
  }
}
