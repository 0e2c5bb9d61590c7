import type { KeyObject } from 'node:crypto'
import { chainHash, genesisHash } from './audit-chain.ts'
import {
  type AuditCheckpoint,
  type AuditPublicKey,
  importPublicKey,
  inOrderOfSize,
  isSignedBy,
} from './audit-checkpoint.ts'
import type { CanonicalObject } from './canonical-json.ts'

/** One entry of an export. Whatever other members it has are covered by its hash, and so by the verification. */
export interface AuditLogEntry {
  /** Its place in the chain, from 1 on. */
  readonly sequence: number
  readonly previousHash: string
  readonly hash: string
}

/**
 * What is wrong at the first entry that does not fit.
 *
 * - `edited`: it is not what was hashed, or does not follow from the entry before it, or is no entry at all
 * - `removed`: it is missing, and later ones are there
 * - `reordered`: it stands later in the log, or an earlier one stands in its place once more
 * - `cut_off`: the log ends before it, and a checkpoint shows that there was more
 * - `rewritten`: its hash is not the one of the checkpoint of that size: it, or one between it and the checkpoint
 *   before, was altered and everything after it hashed anew
 * - `checkpoint_signature`: the checkpoint of that size was not signed with the given key
 */
export const auditLogFaults = [
  'edited',
  'removed',
  'reordered',
  'cut_off',
  'rewritten',
  'checkpoint_signature',
] as const

export type AuditLogFault = (typeof auditLogFaults)[number]

export type AuditLogVerification =
  | {
      readonly verified: true
      readonly size: number
      /** The hash of the last entry; `genesisHash` of an empty log. */
      readonly headHash: string
      /** Entries up to the largest checkpoint: what comes after could have been written anew without a trace. */
      readonly checkpointedSize: number
    }
  | {
      readonly verified: false
      /** Of the first entry that does not fit. */
      readonly sequence: number
      readonly reason: AuditLogFault
      /** Entries up to the last checkpoint that fits: these are as they were when it was made. */
      readonly checkpointedSize: number
    }

export interface VerifyAuditLogOptions {
  /** Of this chain, kept elsewhere than the log; in any order. Without one, a cut tail cannot be noticed. */
  readonly checkpoints?: Iterable<AuditCheckpoint>
  /** Checks the signatures of the checkpoints; without it the checkpoints are taken at their word. */
  readonly publicKey?: AuditPublicKey
}

/**
 * Verifies a whole audit log from its first entry on, and names the first entry that does not fit. Reads it as it
 * comes and keeps nothing of it: a log may be of any length.
 *
 * @param entries - one chain, oldest first, as `GET /v1/audit-log/export` streams it: the entries, or the lines of the
 *   export as they are. A line has to be exactly as it was exported; an empty one is passed over.
 * @returns the size and the end of a log that fits, or which entry does not and why. A tampered log never throws.
 * @throws TypeError when a checkpoint is malformed, or of another chain than the others; what `createPublicKey` of
 *   node:crypto throws when the key is none; and whatever reading `entries` throws.
 */
export async function verifyAuditLog(
  entries: Iterable<AuditLogEntry | string> | AsyncIterable<AuditLogEntry | string>,
  options: VerifyAuditLogOptions = {},
): Promise<AuditLogVerification> {
  const log = new VerifiedLog(options)
  const atStart = log.checkAgainstCheckpoints()
  if (atStart) return atStart
  let removed: Failure | undefined
  for await (const each of entries) {
    if (each === '') continue
    const fault = removed ?? log.append(each)
    if (fault && fault.reason !== 'removed') return fault
    // The rest is read only to tell an entry that was moved from one that was removed.
    if (removed && hasSequence(each, removed.sequence)) return { ...removed, reason: 'reordered' }
    removed = fault
  }
  return removed ?? log.end()
}

type Failure = Extract<AuditLogVerification, { verified: false }>

/** The log as far as it was read: where it stands, and which checkpoints are still to come. */
class VerifiedLog {
  readonly #checkpoints: readonly AuditCheckpoint[]
  readonly #key: KeyObject | null
  #size = 0
  #headHash = genesisHash
  #passed = 0
  #checkpointedSize = 0

  constructor({ checkpoints = [], publicKey }: VerifyAuditLogOptions) {
    this.#checkpoints = inOrderOfSize(checkpoints)
    this.#key = publicKey === undefined ? null : importPublicKey(publicKey)
  }

  append(each: AuditLogEntry | string): Failure | undefined {
    const sequence = this.#size + 1
    const entry = parseEntry(each)
    if (entry === null) return this.#failure(sequence, 'edited')
    if (entry.sequence !== sequence) return this.#failure(sequence, entry.sequence > sequence ? 'removed' : 'reordered')
    if (entry.previousHash !== this.#headHash) return this.#failure(sequence, 'edited')
    this.#size = sequence
    this.#headHash = entry.hash
    return this.checkAgainstCheckpoints()
  }

  /** Those that were made when the chain had as many entries as were read until now. */
  checkAgainstCheckpoints(): Failure | undefined {
    for (let next = this.#next(); next?.size === this.#size; next = this.#next()) {
      if (!this.#isGenuine(next)) return this.#failure(this.#size, 'checkpoint_signature')
      if (next.headHash !== this.#headHash) return this.#failure(this.#size, 'rewritten')
      this.#passed += 1
      this.#checkpointedSize = this.#size
    }
    return undefined
  }

  /** Nothing more comes: a checkpoint that is left is of a longer log. */
  end(): AuditLogVerification {
    const size = this.#size
    const next = this.#next()
    if (next) {
      return this.#isGenuine(next)
        ? this.#failure(size + 1, 'cut_off')
        : this.#failure(next.size, 'checkpoint_signature')
    }
    return { verified: true, size, headHash: this.#headHash, checkpointedSize: this.#checkpointedSize }
  }

  #next(): AuditCheckpoint | undefined {
    return this.#checkpoints[this.#passed]
  }

  #isGenuine(checkpoint: AuditCheckpoint): boolean {
    return this.#key === null || isSignedBy(this.#key, checkpoint)
  }

  #failure(sequence: number, reason: AuditLogFault): Failure {
    return { verified: false, sequence, reason, checkpointedSize: this.#checkpointedSize }
  }
}

/** The entry, if it is one and is what its own hash says; else `null`. */
function parseEntry(each: AuditLogEntry | string): AuditLogEntry | null {
  try {
    const entry = typeof each === 'string' ? parseLine(each) : each
    const { previousHash, hash, ...content } = entry
    // Sound: what is no JSON throws when it is hashed.
    const isWhole = Number.isSafeInteger(entry.sequence) && entry.sequence > 0 && typeof previousHash === 'string'
    return isWhole && hash === chainHash(previousHash, content as unknown as CanonicalObject) ? entry : null
  } catch {
    return null
  }
}

/**
 * The line of an entry in an export: JSON without white space, its members in the order they have, and those characters
 * escaped that some readers take for the end of a line (U+0085, U+2028, U+2029; a line feed JSON escapes itself).
 */
export function auditLogLine(entry: AuditLogEntry): string {
  return JSON.stringify(entry).replaceAll(/[\u0085\u2028\u2029]/g, (each) => {
    return `\\u${each.charCodeAt(0).toString(16).padStart(4, '0')}`
  })
}

/** A text with a member twice, say, would be one entry to this parser and another one to the next. */
function parseLine(line: string): AuditLogEntry {
  const entry: AuditLogEntry = JSON.parse(line)
  if (auditLogLine(entry) !== line) throw new TypeError('not as it was exported')
  return entry
}

function hasSequence(each: AuditLogEntry | string, sequence: number): boolean {
  return parseEntry(each)?.sequence === sequence
}
