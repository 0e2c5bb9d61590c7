import type { OwnIntegrator, RegeneratedSecret, RegenerateSecret } from '@cutover/contract'
import { signRequest } from '@cutover/signing'
import type { Call, CallOptions, Reply } from '../call.ts'
import { json } from '../json-answer.ts'
import { Transport, type TransportOptions } from '../transport.ts'

export interface IntegratorClientOptions extends TransportOptions {
  /** `int_…`: names the integrator. */
  readonly key: string
  /** `ints_…`: its secret, exactly as issued; its UTF-8 bytes are the key of the HMAC. */
  readonly secret: string
}

/** An integrator as it sees itself. */
export interface ClientIntegrator extends OwnIntegrator {
  /** Set where the secret that signed is on its way out: when it ends (ISO 8601), and what to sign with instead. */
  readonly sunset: { readonly expiresAt: string; readonly currentFingerprint: string | null } | null
}

/**
 * What an integrator calls itself, each attempt signed anew over the target as it is sent, a prefix of `baseUrl`
 * included: a proxy in front must pass it on as it is. Needs the secret, and so has no place in a browser.
 *
 * A clock that is off is corrected once in a call by what the server says of the time, and stays corrected. Rejects as
 * `CutoverClient` does, and with TypeError for a key or a secret that cannot sign.
 */
export class IntegratorClient {
  readonly #transport: Transport
  readonly #key: string
  readonly #secret: string
  /** To be added to the clock here. */
  #correctionMs = 0

  /** @throws TypeError for options that are out of range, as `CutoverClient` does. */
  constructor({ key, secret, ...transport }: IntegratorClientOptions) {
    this.#transport = new Transport(transport)
    this.#key = key
    this.#secret = secret
  }

  /** Checks that the secret is accepted, and tells when it ends. */
  self(options?: CallOptions): Promise<ClientIntegrator> {
    const call = { operation: 'ownIntegrator', method: 'GET', path: '/v1/integrator' } as const
    return this.#send(call, options, (reply) => ({ ...json<OwnIntegrator>(reply), sunset: sunsetOf(reply) }))
  }

  /**
   * Makes a new secret, `ints_…`, which this answer alone holds; this client goes on with the old one, so make another
   * one with the new secret. `oldSecretValidForSeconds` is 0 to 3600, and 0 unless given.
   *
   * Only the current secret may sign this, so a repeat never makes a second one: it is sent again where the answer is
   * lost. ApiError with `mayBeDone`, and `rotation_conflict` or `signature_invalid` as its code, then says that the
   * first attempt did make a secret which nobody knows: an operator has to recover.
   */
  regenerateSecret(fields: RegenerateSecret = {}, options?: CallOptions): Promise<RegeneratedSecret> {
    const call = { operation: 'regenerateSecret', method: 'POST', path: '/v1/integrator/regenerate-secret' } as const
    return this.#send({ ...call, body: fields }, options, json<RegeneratedSecret>)
  }

  #send<Result>(
    call: Pick<Call, 'operation' | 'method' | 'path' | 'body'>,
    options: CallOptions | undefined,
    take: (reply: Reply) => Result,
  ): Promise<Result> {
    return this.#transport.send({ ...call, ...this.#signing(call.method), repeatable: 'safe' }, options, take)
  }

  /** How one call is signed, and what is mended once when its signature is refused before anything was done. */
  #signing(method: Call['method']): Pick<Call, 'sign' | 'amend'> {
    const by = { key: this.#key, secret: this.#secret }
    let signedWithMs = this.#correctionMs
    const mended = new Set<string>()
    return {
      sign: (path, body) => {
        signedWithMs = this.#correctionMs
        return signRequest(by, { method, path, body }, { nowMs: Date.now() + signedWithMs })
      },
      amend: ({ code, skewMs }) => {
        if (mended.has(code)) return false
        mended.add(code)
        // Another process signed the same in the same millisecond, or a proxy sent it twice: it takes another timestamp.
        if (code === 'signature_replayed') return true
        return code === 'timestamp_out_of_range' && skewMs !== undefined && this.#correct(signedWithMs - skewMs)
      },
    }
  }

  /** Not by the skew alone: of two calls at once, each would add it. */
  #correct(correctionMs: number): boolean {
    if (!/^[0-9]{13}$/.test(String(Math.floor(Date.now() + correctionMs)))) return false
    this.#correctionMs = correctionMs
    return true
  }
}

function sunsetOf({ headers }: Reply): ClientIntegrator['sunset'] {
  const expiresAt = headers.get('cutover-secret-sunset')
  return expiresAt === null ? null : { expiresAt, currentFingerprint: headers.get('cutover-current-secret') }
}
