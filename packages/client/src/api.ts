import { type Call, type CallOptions, json, type Reply, type Transport } from './transport.ts'

/** A call that makes something: sent again with the same key, it makes it once. */
export interface KeyedOptions extends CallOptions {
  /** 1 to 255 visible ASCII characters. Made anew for each call unless given: give one to resume after a crash. */
  readonly idempotencyKey?: string | undefined
}

/** The change of an answer, in the one order of all changes of a server. */
export interface Revoked {
  /** `null` where the server is not Cutover. */
  readonly revocationEpoch: number | null
}

/** What every group of methods sends its calls through: the credential, the workspace, JSON in and out. */
export class Api {
  readonly transport: Transport
  readonly #headers: Readonly<Record<string, string | undefined>>

  constructor(transport: Transport, headers: Readonly<Record<string, string | undefined>>) {
    this.transport = transport
    this.#headers = headers
  }

  send(call: Call, options?: CallOptions): Promise<Reply> {
    return this.transport.send({ ...call, headers: { ...this.#headers, ...call.headers } }, options)
  }

  async json<Body>(call: Call, options?: CallOptions): Promise<Body> {
    return json<Body>(await this.send(call, options))
  }

  /** A call with an Idempotency-Key, the same one in each attempt. */
  async keyed<Body>(call: Omit<Call, 'repeatable'>, options: KeyedOptions = {}): Promise<Body> {
    const { idempotencyKey = crypto.randomUUID(), ...rest } = options
    const headers = { ...call.headers, 'Idempotency-Key': idempotencyKey }
    return this.json<Body>({ ...call, headers, repeatable: 'keyed' }, rest)
  }

  async revoke(call: Omit<Call, 'method' | 'repeatable'>, options?: CallOptions): Promise<Revoked> {
    return revoked(await this.send({ ...call, method: 'DELETE', repeatable: 'safe' }, options))
  }
}

function revoked({ response }: Reply): Revoked {
  const epoch = response.headers.get('cutover-revocation-epoch')
  return { revocationEpoch: epoch === null ? null : Number(epoch) }
}

/** An id as one segment of a path. */
export const segment = (id: string) => encodeURIComponent(id)
