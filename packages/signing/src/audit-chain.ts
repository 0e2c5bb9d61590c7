import { hash } from 'node:crypto'
import { type CanonicalObject, canonicalJson } from './canonical-json.ts'

/** The `previousHash` of the first entry of a chain, and the `headHash` of an empty one. */
export const genesisHash = '0'.repeat(64)

/**
 * The hash of an entry: lowercase hex SHA-256 over the ASCII of `previousHash` followed by the canonical JSON
 * (RFC 8785) of the entry without its members `previousHash` and `hash`.
 *
 * @throws TypeError when the content has no canonical form: a number that is no safe integer, a lone surrogate.
 */
export function chainHash(previousHash: string, content: CanonicalObject): string {
  return hash('sha256', previousHash + canonicalJson(content), 'hex')
}

/** What a checkpoint says: at `time` the chain had `size` entries, the last one with this hash. */
export interface CheckpointContent {
  /** The id of a workspace, or `instance`. */
  readonly chain: string
  readonly size: number
  /** 64 lowercase hex digits; {@link genesisHash} for an empty chain. */
  readonly headHash: string
  /** ISO 8601, UTC, milliseconds. */
  readonly time: string
}

/** What is signed of a checkpoint, as UTF-8: the canonical JSON of its four members and of no other. */
export function checkpointText({ chain, size, headHash, time }: CheckpointContent): string {
  return canonicalJson({ chain, size, headHash, time })
}
