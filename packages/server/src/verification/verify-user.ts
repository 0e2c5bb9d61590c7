import type { Enforcement, Platform, VerificationReason } from '@cutover/contract'
import { type Keyset, verifyJwt, verifyUserHash } from '@cutover/signing'
import type { Lease } from '../cluster/ports.ts'
import { DomainError } from '../domain-error.ts'
import type { System } from '../system.ts'
import type { WorkspaceId } from '../workspaces/workspace.ts'
import type { VerifyingSecret, WorkspaceKeyset } from './workspace-keyset.ts'
import type { WorkspaceKeysets } from './workspace-keysets.ts'

/** Exactly as it was asked; identifiers are compared as they are, never trimmed or normalized. */
export interface Question {
  readonly platform: Platform
  readonly userId?: string
  readonly email?: string
  readonly userHash?: string
  readonly jwt?: string
}

/** `userId` is `null` where an email was verified: the only user id to act on is one that was signed. */
type Judgement =
  | { readonly verified: true; readonly userId: string | null; readonly secret: VerifyingSecret }
  | { readonly verified: false; readonly reason: VerificationReason }

export type Verdict = Judgement & {
  readonly method: 'userHash' | 'jwt' | null
  readonly enforcement: Enforcement
  readonly atMs: number
}

export interface VerifyPorts {
  readonly keysets: Pick<WorkspaceKeysets, 'held'>
  readonly lease: Lease
  readonly system: System
}

/**
 * Answers from memory, in one synchronous stretch from the check of the lease to the last comparison. `undefined` when
 * the keyset has to be loaded first; after that wait everything is asked again.
 */
export function verifyFromMemory(
  ports: VerifyPorts,
  workspaceId: WorkspaceId,
  question: Question,
): Verdict | undefined {
  if (!ports.lease.isHeld()) throw new DomainError('lease_lost')
  const keyset = ports.keysets.held(workspaceId)
  return keyset && judge(keyset, question, ports.system.nowMs())
}

/** The verdict on one question; its reason is the first that fits, in the order of the contract. */
function judge(workspace: WorkspaceKeyset, question: Question, nowMs: number): Verdict {
  const enforcement = workspace.enforcement[question.platform]
  const { jwt, userHash } = question
  if (jwt === undefined && userHash === undefined) {
    return { verified: false, reason: 'unsigned', method: null, enforcement, atMs: nowMs }
  }
  const keyset = workspace.acceptedAt(question.platform, nowMs)
  return jwt === undefined
    ? verdictOn(judgeHash(keyset, userHash ?? '', question), 'userHash', enforcement, nowMs)
    : verdictOn(judgeJwt(keyset, jwt, question, nowMs), 'jwt', enforcement, nowMs)
}

/** Named one by one: V8 defines what follows a spread at run time, property by property. */
function verdictOn(judgement: Judgement, method: Verdict['method'], enforcement: Enforcement, atMs: number): Verdict {
  return judgement.verified
    ? { verified: true, userId: judgement.userId, secret: judgement.secret, method, enforcement, atMs }
    : { verified: false, reason: judgement.reason, method, enforcement, atMs }
}

function judgeHash(keyset: Keyset<VerifyingSecret>, userHash: string, { userId, email }: Question): Judgement {
  const identifier = userId ?? email
  if (identifier === undefined) return { verified: false, reason: 'user_missing' }
  const result = verifyUserHash(keyset, identifier, userHash)
  return result.verified ? { verified: true, userId: userId ?? null, secret: result.secretId } : result
}

function judgeJwt(keyset: Keyset<VerifyingSecret>, jwt: string, { userId }: Question, nowMs: number): Judgement {
  const result = verifyJwt(keyset, jwt, { nowSeconds: nowMs / 1000, ...(userId === undefined ? {} : { userId }) })
  return result.verified ? { verified: true, userId: result.userId, secret: result.secretId } : result
}
