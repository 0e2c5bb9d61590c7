import type { OwnIntegrator, RegeneratedSecret, RegenerateSecret } from '@cutover/contract'
import { signRequest } from '@cutover/signing'
import { ApiError } from '../errors.ts'
import { type Call, type CallOptions, json, type Reply, Transport, type TransportOptions } from '../transport.ts'

export interface IntegratorClientOptions extends TransportOptions {
  /** `int_…`: names the integrator. */
  readonly key: string
  /** `ints_…`: its secret, exactly as issued. */
  readonly secret: string
}

/** An integrator as it sees itself. */
export interface ClientIntegrator extends OwnIntegrator {
  /** Set where the secret that signed is on its way out: when it ends (ISO 8601), and what to sign with instead. */
  readonly sunset: { readonly expiresAt: string; readonly currentFingerprint: string | null } | null
}

/**
 * What an integrator calls itself, each request signed. Needs the secret, and so has no place in a browser.
 *
 * A clock that is off is corrected once by what the server says of the time, and stays corrected.
 */
export class IntegratorClient {
  readonly #transport: Transport
  readonly #key: string
  readonly #secret: string
  /** To be added to the clock here. */
  #correctionMs = 0

  /** @throws TypeError for a `baseUrl` that is no http or https URL. */
  constructor({ key, secret, ...transport }: IntegratorClientOptions) {
    this.#transport = new Transport(transport)
    this.#key = key
    this.#secret = secret
  }

  /** Checks that the secret is accepted, and tells when it ends. */
  async self(options?: CallOptions): Promise<ClientIntegrator> {
    const reply = await this.#send({ operation: 'ownIntegrator', method: 'GET', path: '/v1/integrator' }, options)
    return { ...(await json<OwnIntegrator>(reply)), sunset: sunsetOf(reply) }
  }

  /**
   * Makes a new secret; this client goes on with the old one. Only the current secret may sign this, and each signature
   * is accepted once, so it is not sent again where its answer is lost: with `oldSecretValidForSeconds` (0 to 3600) the
   * old secret can still call `self`, but it takes an operator to recover what was lost.
   */
  async regenerateSecret(fields: RegenerateSecret = {}, options?: CallOptions): Promise<RegeneratedSecret> {
    const call = { operation: 'regenerateSecret', method: 'POST', path: '/v1/integrator/regenerate-secret' } as const
    return json<RegeneratedSecret>(await this.#send({ ...call, body: fields }, options))
  }

  async #send(call: Omit<Call, 'repeatable' | 'sign'>, options?: CallOptions): Promise<Reply> {
    const signed: Call = {
      ...call,
      repeatable: call.method === 'GET' ? 'safe' : 'refused_only',
      sign: (path, body) =>
        signRequest(
          { key: this.#key, secret: this.#secret },
          { method: call.method, path, body },
          { nowMs: Date.now() + this.#correctionMs },
        ),
    }
    try {
      return await this.#transport.send(signed, options)
    } catch (error) {
      if (!(error instanceof ApiError) || error.code !== 'timestamp_out_of_range' || error.skewMs === undefined)
        throw error
      // Nothing was done: a timestamp is judged before anything else.
      this.#correctionMs -= error.skewMs
      return this.#transport.send(signed, options)
    }
  }
}

function sunsetOf({ response }: Reply): ClientIntegrator['sunset'] {
  const expiresAt = response.headers.get('cutover-secret-sunset')
  return expiresAt === null ? null : { expiresAt, currentFingerprint: response.headers.get('cutover-current-secret') }
}
