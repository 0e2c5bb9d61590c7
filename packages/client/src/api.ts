import type { Call, CallOptions, Reply } from './call.ts'
import { otherAnswer } from './error-answer.ts'
import { ApiError } from './errors.ts'
import { json } from './json-answer.ts'
import type { Transport } from './transport.ts'

/** A call that makes something: sent again with the same key, it makes it once. */
export interface KeyedOptions extends CallOptions {
  /**
   * 1 to 255 visible ASCII characters. Made anew for each call unless given: give one to resume after a crash, within
   * 10 minutes and with the same fields.
   */
  readonly idempotencyKey?: string | undefined
}

/** A revocation that holds on every node. */
export interface Revoked {
  /**
   * The place of this change in the one order of all changes of a server. `null` where the server is not Cutover, or
   * where the answer was lost and a repeat found nothing any more.
   */
  readonly revocationEpoch: number | null
}

/** What every group of methods sends its calls through: the credential, the workspace, JSON in and out. */
export class Api {
  readonly #transport: Transport
  readonly #headers: Readonly<Record<string, string | undefined>>

  constructor(transport: Transport, headers: Readonly<Record<string, string | undefined>>) {
    this.#transport = transport
    this.#headers = headers
  }

  json<Body>(call: Call, options?: CallOptions): Promise<Body> {
    return this.#transport.send(this.#withHeaders(call), options, json<Body>)
  }

  text(call: Call, options?: CallOptions): Promise<string> {
    return this.#transport.send(this.#withHeaders(call), options, ({ text }) => text)
  }

  /** A call with an Idempotency-Key, the same one in each attempt. */
  async keyed<Body>(call: Omit<Call, 'repeatable'>, options: KeyedOptions = {}): Promise<Body> {
    const { idempotencyKey = newKey(), ...rest } = options
    const headers = { ...call.headers, 'Idempotency-Key': idempotencyKey }
    return this.json<Body>({ ...call, headers, repeatable: 'keyed' }, rest)
  }

  /**
   * A repeat of a delete whose answer was lost finds nothing any more: that is what was asked for. The server answers
   * it no earlier than the first, so that what is promised holds then as well.
   */
  async revoke(call: Omit<Call, 'method' | 'repeatable'>, options?: CallOptions): Promise<Revoked> {
    try {
      const revocation = { ...call, method: 'DELETE', repeatable: 'safe' } as const
      return await this.#transport.send(this.#withHeaders(revocation), options, revoked)
    } catch (error) {
      if (error instanceof ApiError && isGone(error) && error.mayBeDone) return { revocationEpoch: null }
      throw error
    }
  }

  /** The bytes of an answer of this media type, as they come. */
  stream(call: Call, mediaType: string, options?: CallOptions): AsyncGenerator<Uint8Array, void, undefined> {
    return this.#transport.stream(this.#withHeaders(call), options, (answer) => {
      const [given = ''] = (answer.headers.get('content-type') ?? '').split(';', 1)
      if (given.trim() !== mediaType) throw otherAnswer(answer)
    })
  }

  #withHeaders(call: Call): Call {
    return { ...call, headers: { ...this.#headers, ...call.headers } }
  }
}

const isGone = ({ status, dialect }: ApiError) => status === 404 && dialect !== 'unknown'

/** Only a 204 is a deletion: a portal or a proxy that answers 200 to everything must not look like one. */
function revoked(reply: Reply): Revoked {
  if (reply.status !== 204) throw otherAnswer(reply)
  const epoch = reply.headers.get('cutover-revocation-epoch')
  return { revocationEpoch: epoch !== null && /^[1-9][0-9]*$/.test(epoch) ? Number(epoch) : null }
}

/** 128 random bits. Not `randomUUID`, which a page that did not come over https does not have. */
function newKey(): string {
  return Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, '0')).join('')
}

/** An id as one segment of a path. One that is no text is none that exists, and the server says so. */
export const segment = (id: string) => encodeURIComponent(String(id).toWellFormed())
