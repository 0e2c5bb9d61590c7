import type { AuditAction, AuditActorType, AuditResourceType, AuditResult } from '@cutover/contract'
import { type CanonicalObject, chainHash } from '@cutover/signing'
import { isoTime } from '../iso-time.ts'

export interface AuditActor {
  readonly type: AuditActorType
  readonly id: string
  readonly name: string | null
}

export interface AuditResource {
  readonly type: AuditResourceType
  readonly id: string | null
}

/** What happened, before it has a place in its chain. */
export interface AuditDraft {
  /** A workspace id, or `instance`. */
  readonly chain: string
  readonly action: AuditAction
  readonly actor: AuditActor
  readonly resource: AuditResource
  readonly result: AuditResult
  readonly metadata: CanonicalObject
  readonly requestId: string | null
  readonly ip: string | null
}

/** An entry in its place: `hash` binds it to everything before it in its chain. */
export interface AuditEntry extends Omit<AuditDraft, 'chain'> {
  readonly sequence: number
  readonly timestamp: string
  readonly previousHash: string
  readonly hash: string
}

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
    timestamp: isoTime(nowMs),
    action,
    actor: { ...actor },
    resource: { ...resource },
    result,
    metadata,
    requestId,
    ip,
  }
  return { ...content, previousHash: head.hash, hash: chainHash(head.hash, content) }
}
