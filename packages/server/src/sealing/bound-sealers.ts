import { hash } from 'node:crypto'
import type { AuditKeySealer } from '../audit/ports.ts'
import { type IdempotentRequest, requestScope } from '../idempotency/idempotent-request.ts'
import type { AnswerSealer } from '../idempotency/ports.ts'
import type { MaterialOpener, MaterialPlace, MaterialSealer, SealingKeys } from '../signing-secrets/ports.ts'
import type { SealBinding, Sealer } from './sealer.ts'

export type BoundSealers = MaterialSealer & MaterialOpener & AnswerSealer & AuditKeySealer

/**
 * What the capabilities ask of sealing, each bound to the row it belongs to.
 *
 * @param keyIds - of the keys of `sealer`, the one that the operator wants to seal with first
 */
export function boundSealers(sealer: Sealer, keyIds: readonly string[]): BoundSealers {
  const seal = async (plaintext: string, binding: SealBinding, keys: SealingKeys) =>
    sealer.seal(plaintext, binding, await keys.sealingKeyId(keyIds))
  return {
    sealMaterial: (material, place, keys) => seal(material, materialBinding(place), keys),
    openMaterial: (sealed, place) => sealer.open(sealed, materialBinding(place)),
    sealAnswer: (answer, request, keys) => seal(answer, answerBinding(request), keys),
    openAnswer: (sealed, request) => sealer.open(sealed, answerBinding(request)),
    sealAuditKey: (seed, kid, keys) => seal(seed, auditKeyBinding(kid), keys),
    openAuditKey: (sealed, kid) => sealer.open(sealed, auditKeyBinding(kid)),
  }
}

function materialBinding({ use, workspaceId, id }: MaterialPlace): SealBinding {
  return { workspaceId, subjectId: id, use }
}

/** The scope of a request is long and its client's own words: its hash names it as well. */
function answerBinding(request: IdempotentRequest): SealBinding {
  const subjectId = hash('sha256', requestScope(request), 'base64url')
  return { workspaceId: request.workspaceId, subjectId, use: 'idempotent_response' }
}

/** It belongs to the whole installation: no workspace's id is this word. */
function auditKeyBinding(kid: string): SealBinding {
  return { workspaceId: 'instance', subjectId: kid, use: 'audit_signing_key' }
}
