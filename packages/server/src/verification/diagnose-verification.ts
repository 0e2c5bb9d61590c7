import type { Platform } from '@cutover/contract'
import type { AccessTokenReader } from '../access-tokens/ports.ts'
import type { AuditActor, AuditResource } from '../audit/audit-entry.ts'
import type { AuditWriter } from '../audit/ports.ts'
import type { Transactions } from '../cluster/commit-change.ts'
import type { Lease } from '../cluster/ports.ts'
import { DomainError } from '../domain-error.ts'
import type { LookupPool } from '../lookup-pool.ts'
import type { MaterialOpener } from '../signing-secrets/ports.ts'
import { isAccepted } from '../signing-secrets/signing-secret.ts'
import type { System } from '../system.ts'
import type { WorkspaceId } from '../workspaces/workspace.ts'
import type { Candidate, Diagnosis, Standing } from './diagnosis/candidate.ts'
import { diagnose, type SignedQuestion } from './diagnosis/diagnose.ts'
import type { CandidateReader, SealedCandidate } from './ports.ts'

export interface DiagnosisTransaction {
  readonly accessTokens: Pick<AccessTokenReader, 'isLive'>
  readonly audit: AuditWriter
}

export interface DiagnosePorts {
  readonly store: Transactions<DiagnosisTransaction>
  readonly candidates: CandidateReader
  readonly opener: MaterialOpener
  readonly lookups: LookupPool
  /** How many are made at once: each opens many secrets. */
  readonly diagnoses: LookupPool
  readonly lease: Lease
  readonly system: System
}

export interface DiagnoseCommand {
  readonly workspaceId: WorkspaceId
  readonly actor: AuditActor
  readonly platform: Platform
  readonly question: SignedQuestion
  readonly requestId: string
  readonly ip: string
}

/**
 * Says why a signature does not verify, by the store and not from memory, and has it on record before it is told. It
 * counts nowhere as a use of a secret.
 */
export async function diagnoseVerification(ports: DiagnosePorts, command: DiagnoseCommand): Promise<Diagnosis> {
  const diagnosis = await ports.diagnoses.run(() => examine(ports, command))
  await record(ports, command, diagnosis)
  return diagnosis
}

async function examine(ports: DiagnosePorts, command: DiagnoseCommand): Promise<Diagnosis> {
  const { lease, system } = ports
  const { workspaceId, platform, question } = command
  const sealed = await ports.lookups.run(() => ports.candidates.load(workspaceId, system.nowMs()))
  const opened = await Promise.all(sealed.map((each) => open(ports.opener, workspaceId, each)))
  if (!lease.isHeld()) throw new DomainError('lease_lost')
  const nowMs = system.nowMs()
  const candidates = opened.map(
    ({ secret, material }): Candidate => ({
      id: secret.id,
      integratorId: secret.integratorId,
      standing: standingOf(secret, platform, nowMs),
      material,
    }),
  )
  return diagnose(candidates, question, nowMs)
}

async function open(opener: MaterialOpener, workspaceId: WorkspaceId, secret: SealedCandidate) {
  const use = secret.integratorId === null ? 'identity_secret' : 'integrator_secret'
  return { secret, material: await opener.openMaterial(secret.sealed, { use, workspaceId, id: secret.id }) }
}

function standingOf(secret: SealedCandidate, platform: Platform, nowMs: number): Standing {
  if (secret.integratorId !== null) return 'of_integrator'
  if (secret.deletedAtMs !== null) return 'deleted'
  if (secret.expiresAtMs !== null && nowMs >= secret.expiresAtMs) return 'expired'
  const isDisabledForGood = secret.disabledAtMs !== null && secret.acceptedFromMs === null
  if (isDisabledForGood || !isAccepted(secret, nowMs)) return 'disabled'
  return secret.platforms[platform] ? 'accepted' : 'wrong_platform'
}

/** Neither what was signed nor whom it is about. The token may have been revoked meanwhile: then nothing is told. */
async function record(ports: DiagnosePorts, command: DiagnoseCommand, diagnosis: Diagnosis): Promise<void> {
  const { workspaceId, actor, platform, question, requestId, ip } = command
  const { finding, candidate } = diagnosis
  await ports.store.transaction(async (tx) => {
    const nowMs = ports.system.nowMs()
    if (!(await tx.accessTokens.isLive(actor.id, nowMs))) throw new DomainError('token_invalid')
    const draft = {
      chain: workspaceId,
      action: 'verification.diagnosed',
      actor,
      resource: resourceOf(candidate),
      result: 'success',
      metadata: { platform, method: question.method, finding, secretId: candidate?.id ?? null },
      requestId,
      ip,
    } as const
    await tx.audit.append(draft, nowMs)
  })
}

function resourceOf(candidate: Candidate | null): AuditResource {
  const integratorId = candidate?.integratorId ?? null
  if (integratorId !== null) return { type: 'integrator', id: integratorId }
  return { type: 'identity_secret', id: candidate?.id ?? null }
}
