import { Buffer } from 'node:buffer'
import { timingSafeEqual } from 'node:crypto'
import { type HmacKey, hmacSha256, prepareHmacKey } from './hmac-pads.ts'
import { assertSecret } from './secret.ts'

/** A secret as it was issued, and the name by which an answer says that this one verified. */
export interface SigningSecret<Id = string> {
  readonly id: Id
  readonly secret: string
}

export interface PreparedSecret<Id> extends HmacKey {
  readonly id: Id
}

let preparedSecretsOf: <Id>(keyset: Keyset<Id>) => readonly PreparedSecret<Id>[]

/**
 * Secrets made ready to verify with, by {@link createKeyset}. Immutable; prepare it once and use it for every request.
 * Key material is in private fields: neither `console.log` nor `JSON.stringify` shows it.
 */
export class Keyset<Id = string> {
  readonly #secrets: readonly PreparedSecret<Id>[]

  constructor(secrets: readonly PreparedSecret<Id>[]) {
    this.#secrets = secrets
  }

  static {
    preparedSecretsOf = (keyset) => keyset.#secrets
  }

  /** How many secrets it holds. */
  get size(): number {
    return this.#secrets.length
  }

  /**
   * The keyset of those secrets that `accepts` returns true for, in the same order. Nothing is prepared again, and when
   * all are accepted the answer is this very keyset, so it may be asked before each verification: for secrets that
   * verify only until some time, say.
   */
  filter(accepts: (secretId: Id) => boolean): Keyset<Id> {
    const accepted = this.#secrets.filter(({ id }) => accepts(id))
    return accepted.length === this.#secrets.length ? this : new Keyset(accepted)
  }
}

/**
 * Prepares secrets for {@link verifyUserHash} and {@link verifyJwt}. None is allowed: an empty keyset answers
 * `no_active_secret`.
 *
 * @param secrets - the secret strings exactly as issued, each with an id of any type. The HMAC key is the UTF-8 bytes
 *   of that string (43 ASCII characters are 43 bytes; the base64url is not decoded), of any length (RFC 2104).
 * @throws TypeError when a secret is no string, is empty, or holds a lone surrogate.
 */
export function createKeyset<Id = string>(secrets: readonly SigningSecret<Id>[]): Keyset<Id> {
  return new Keyset(secrets.map(prepareSecret))
}

function prepareSecret<Id>({ id, secret }: SigningSecret<Id>): PreparedSecret<Id> {
  assertSecret(secret)
  // Not Buffer.from: key bytes stay out of the pool that unrelated buffers are cut from.
  const key = Buffer.alloc(Buffer.byteLength(secret))
  key.write(secret)
  const { innerPad, outerPad, innerPadIsAscii } = prepareHmacKey(key)
  // Named one by one: a spread would put each of them outside of the object, in a list of its own.
  return { id, innerPad, outerPad, innerPadIsAscii }
}

const computedDigest = Buffer.alloc(32)

/**
 * The first secret, in keyset order, whose HMAC of `message` is `digest`. Every secret is hashed and compared even
 * after one has matched, so that time tells neither whether an early or a late one did, nor how near a digest came.
 */
export function findSigner<Id>(
  keyset: Keyset<Id>,
  message: string,
  digest: Uint8Array,
): PreparedSecret<Id> | undefined {
  let signer: PreparedSecret<Id> | undefined
  for (const secret of preparedSecretsOf(keyset)) {
    computedDigest.write(hmacSha256(secret, message), 'latin1')
    const matches = timingSafeEqual(computedDigest, digest)
    signer ??= matches ? secret : undefined
  }
  return signer
}
