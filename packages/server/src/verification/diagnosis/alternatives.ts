import { createHash, createHmac } from 'node:crypto'
import type { Finding } from '@cutover/contract'
import { type Candidate, findingOfStanding, type Note } from './candidate.ts'
import { type IdentifierMistake, type Identifiers, identifierMistakes } from './identifier-mistakes.ts'

/** What would have been sent by somebody who made this mistake. */
export interface Alternative {
  readonly finding: Finding
  readonly note: Note | null
  readonly digest: Uint8Array
  readonly isInBase64: boolean
}

/** The alternatives of one candidate; `null` stands for no key at all. */
export type Alternatives = (candidate: Candidate | null) => readonly Alternative[]

export function hashAlternatives(identifiers: Identifiers): Alternatives {
  const mistakes = identifierMistakes(identifiers)
  const unkeyed = [identifiers.expected, ...(identifiers.unused === null ? [] : [identifiers.unused])]
  return (candidate) => {
    if (candidate === null) return unkeyed.map(withoutKey)
    const bySecret = [...ofOtherSecret(candidate, identifiers.expected)]
    if (candidate.standing === 'of_integrator') return bySecret
    return [
      ...bySecret,
      ...mistakes.map((mistake) => ofIdentifier(candidate, mistake)),
      ...ofKey(candidate, identifiers.expected),
      ...ofDigest(candidate, identifiers.expected),
    ]
  }
}

export function jwtAlternatives(signingInput: string): Alternatives {
  return (candidate) => {
    if (candidate === null) return []
    const bySecret = ofOtherSecret(candidate, signingInput)
    return candidate.standing === 'of_integrator' ? bySecret : [...bySecret, ...ofKey(candidate, signingInput)]
  }
}

/** Right but for the secret. */
function ofOtherSecret({ standing, material }: Candidate, message: string): readonly Alternative[] {
  return [alternative(findingOfStanding[standing], hmac('sha256', material, message))]
}

function ofIdentifier({ material }: Candidate, { finding, note, signed }: IdentifierMistake): Alternative {
  return { ...alternative(finding, hmac('sha256', material, signed)), note }
}

/** Right but for what was made of the secret on its way to the signer. */
function ofKey({ material }: Candidate, message: string): readonly Alternative[] {
  const decoded = Buffer.from(material, 'base64')
  return [
    alternative('secret_had_trailing_newline', hmac('sha256', `${material}\n`, message)),
    alternative('secret_had_trailing_newline', hmac('sha256', `${material}\r\n`, message)),
    alternative('secret_was_base64_decoded', hmac('sha256', decoded, message)),
  ]
}

const separators = ['', ':', '.', '|']

/** Right but for the function, or the form in which its value was sent. */
function ofDigest({ material }: Candidate, message: string): readonly Alternative[] {
  const joined = separators.flatMap((separator) => [material + separator + message, message + separator + material])
  return [
    { ...alternative('digest_was_base64', hmac('sha256', material, message)), isInBase64: true },
    alternative('sha1_digest', hmac('sha1', material, message)),
    ...joined.map(withoutKey),
  ]
}

function withoutKey(message: string): Alternative {
  return alternative('plain_sha256_without_key', createHash('sha256').update(message).digest())
}

function alternative(finding: Finding, digest: Uint8Array): Alternative {
  return { finding, note: null, digest, isInBase64: false }
}

function hmac(algorithm: 'sha256' | 'sha1', key: string | Uint8Array, message: string): Uint8Array {
  return createHmac(algorithm, key).update(message).digest()
}
