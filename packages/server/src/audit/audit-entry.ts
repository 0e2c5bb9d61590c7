import { hash } from 'node:crypto'
import type { AuditAction } from '@cutover/contract'
import { type CanonicalObject, canonicalJson } from './canonical-json.ts'

export interface AuditActor {
  readonly type: 'access_token' | 'address' | 'system'
  readonly id: string
  readonly name: string | null
}

export interface AuditResource {
  readonly type: 'access_token' | 'identity_secret' | 'workspace' | 'request'
  readonly id: string | null
}

/** What happened, before it has a place in its chain. */
export interface AuditDraft {
  /** A workspace id, or `instance`. */
  readonly chain: string
  readonly action: AuditAction
  readonly actor: AuditActor
  readonly resource: AuditResource
  readonly result: 'success' | 'failure'
  readonly metadata: CanonicalObject
  readonly requestId: string | null
  readonly ip: string | null
}

/** An entry in its place: `hash` binds it to everything before it in its chain. */
export interface AuditEntry {
  readonly sequence: number
  readonly timestamp: string
  readonly action: AuditAction
  readonly actor: AuditActor
  readonly resource: AuditResource
  readonly result: 'success' | 'failure'
  readonly metadata: CanonicalObject
  readonly requestId: string | null
  readonly ip: string | null
  readonly previousHash: string
  readonly hash: string
}

/** The `previousHash` of the first entry of a chain. */
export const genesisHash = '0'.repeat(64)

/** The end of a chain: how many entries it has, and the hash of the last one. */
export interface AuditHead {
  readonly size: number
  readonly hash: string
}

/** Gives `draft` the place after `head`. */
export function chainEntry(draft: AuditDraft, head: AuditHead, nowMs: number): AuditEntry {
  const { action, actor, resource, result, metadata, requestId, ip } = draft
  const content = {
    sequence: head.size + 1,
    timestamp: new Date(nowMs).toISOString(),
    action,
    actor: { ...actor },
    resource: { ...resource },
    result,
    metadata,
    requestId,
    ip,
  }
  return { ...content, previousHash: head.hash, hash: entryHash(head.hash, content) }
}

/** Lowercase hex SHA-256 over the ASCII of `previousHash` followed by the canonical JSON of the rest of the entry. */
function entryHash(previousHash: string, content: CanonicalObject): string {
  return hash('sha256', previousHash + canonicalJson(content), 'hex')
}

/** The sequence of the first entry that does not fit its chain, or `null` when all do. */
export function firstBrokenEntry(entries: Iterable<AuditEntry>): number | null {
  let head: AuditHead = { size: 0, hash: genesisHash }
  for (const { previousHash, hash: claimed, ...content } of entries) {
    const fits = content.sequence === head.size + 1 && previousHash === head.hash
    if (!fits || claimed !== entryHash(previousHash, canonicalContent(content))) return head.size + 1
    head = { size: content.sequence, hash: claimed }
  }
  return null
}

function canonicalContent(content: Omit<AuditEntry, 'previousHash' | 'hash'>): CanonicalObject {
  return { ...content, actor: { ...content.actor }, resource: { ...content.resource } }
}
