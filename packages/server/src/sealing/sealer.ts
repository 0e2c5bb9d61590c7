import { CompactEncrypt, compactDecrypt } from 'jose'
import type { MasterKeys } from './master-keys.ts'

/** Where a sealed value belongs: it opens for exactly the binding that it was sealed with. */
export interface SealBinding {
  readonly workspaceId: string
  readonly subjectId: string
  readonly use:
    | 'identity_secret'
    | 'integrator_secret'
    | 'idempotent_response'
    | 'master_key_check'
    | 'audit_signing_key'
}

export interface Sealer {
  /**
   * JWE compact serialization (RFC 7516, 7.1), by the master key of this `kid`, or else by the first. Throws TypeError
   * for a lone surrogate.
   */
  seal(plaintext: string, binding: SealBinding, kid?: string): Promise<string>
  /** Throws SealError for whatever is not a value sealed with `binding` by one of the keys. */
  open(sealed: string, binding: SealBinding): Promise<string>
}

const reasons = {
  binding_mismatch: 'it was sealed for another row, workspace or use',
  unknown_master_key: 'it was sealed by a master key that is not configured',
  damaged: 'it is damaged, or was never sealed by the master key that it names',
} as const

export type SealErrorCode = keyof typeof reasons

/** Its message, and its cause, hold neither plaintext nor key nor sealed bytes. */
export class SealError extends Error {
  override readonly name = 'SealError'
  readonly code: SealErrorCode

  constructor(code: SealErrorCode, { use }: SealBinding, options: ErrorOptions = {}) {
    super(`A sealed ${use} does not open: ${reasons[code]}`, options)
    this.code = code
  }
}

/** What anything else in the header would ask for is refused before any key is used (RFC 8725, 3.1). */
const accepted = {
  keyManagementAlgorithms: ['A256GCMKW'],
  contentEncryptionAlgorithms: ['A256GCM'],
  // A compressed plaintext can be a bomb, and its length tells of its content: none is ever made here.
  maxDecompressedLength: 0,
} satisfies Parameters<typeof compactDecrypt>[2]

/** A BOM is part of the plaintext. */
const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

/**
 * Seals by one key, opens by all. Each seal wraps a fresh key under a random 96-bit IV: one master key is good for
 * 2^32 of them (NIST SP 800-38D, 8.3).
 */
export function createSealer(masterKeys: MasterKeys): Sealer {
  const [first] = masterKeys
  const keys = new Map(masterKeys.map(({ kid, key }) => [kid, key]))

  return {
    async seal(plaintext, binding, kid = first.kid) {
      const key = keys.get(kid)
      if (key === undefined) throw new Error('a master key was to seal that is not configured')
      if (!plaintext.isWellFormed()) throw new TypeError('A text with a lone surrogate would not come back the same')
      return new CompactEncrypt(new TextEncoder().encode(plaintext))
        .setProtectedHeader({ alg: 'A256GCMKW', enc: 'A256GCM', kid, ...boundHeader(binding) })
        .encrypt(key)
    },

    async open(sealed, binding) {
      if (!isCanonical(sealed)) throw new SealError('damaged', binding)
      const { plaintext, protectedHeader } = await compactDecrypt(
        sealed,
        ({ kid }: { kid?: string }) => {
          const key = kid === undefined ? undefined : keys.get(kid)
          if (key === undefined) throw new SealError('unknown_master_key', binding)
          return key
        },
        accepted,
      ).catch((cause: unknown) => {
        throw cause instanceof SealError ? cause : new SealError('damaged', binding, { cause })
      })
      // Only here is the header known to be ours: a mismatch now is a value moved, not a header edited.
      if (!isBoundTo(binding, protectedHeader)) throw new SealError('binding_mismatch', binding)
      return utf8.decode(plaintext)
    },
  }
}

/**
 * How everything begins that the key of this `kid` sealed: its header, up to the last whole three bytes, of which the
 * encoding does not depend on what follows. The bytes that are left out are not of the kid.
 */
export function sealedBeginning(kid: string): string {
  const header = Buffer.from(`${JSON.stringify({ alg: 'A256GCMKW', enc: 'A256GCM', kid }).slice(0, -1)},"wid":"`)
  return header.subarray(0, header.length - (header.length % 3)).toString('base64url')
}

function boundHeader({ workspaceId, subjectId, use }: SealBinding): Readonly<Record<string, string>> {
  return { wid: workspaceId, sid: subjectId, use }
}

function isBoundTo(binding: SealBinding, header: Readonly<Record<string, unknown>>): boolean {
  return Object.entries(boundHeader(binding)).every(([name, value]) => header[name] === value)
}

/** Base64url without padding (RFC 7515, 2), the unused bits of a last character zero (RFC 4648, 3.5). */
const canonicalPart = /^(?:[\w-]{4})*(?:[\w-][AQgw]|[\w-]{2}[AEIMQUYcgkosw048])?$/

/**
 * jose's decoder takes whitespace and stray bits in a last character: the same value would open in many spellings. Told
 * from the text, without its bytes: they would lie in pools of 64 KB, each kept whole by any part of it.
 */
function isCanonical(sealed: string): boolean {
  return sealed.split('.').every((part) => canonicalPart.test(part))
}
