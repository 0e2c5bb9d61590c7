import type { DisplayName } from '../display-name.ts'
import type { WorkspaceId } from '../workspaces/workspace.ts'
import type { Integrator, IntegratorId, IntegratorKey, IntegratorSecret } from './integrator.ts'

/** An integrator as an operator sees it. */
export interface ManagedIntegrator extends Integrator {
  readonly createdAtMs: number
  readonly createdBy: string
  /** Undeleted ones, oldest first; some may have ended. */
  readonly secrets: readonly ManagedIntegratorSecret[]
}

export interface ManagedIntegratorSecret extends IntegratorSecret {
  readonly createdAtMs: number
}

export interface ListedIntegrator extends ManagedIntegrator {
  /** What `page` takes as `after`. */
  readonly cursor: string
}

export interface IntegratorReader {
  find(workspaceId: WorkspaceId, id: string): Promise<ManagedIntegrator | null>
  /** Oldest first, those after `after`; only those whose current secret was made by `createdUntilMs`, unless it is null. */
  page(
    workspaceId: WorkspaceId,
    filter: { readonly createdUntilMs: number | null },
    after: string | null,
    limit: number,
  ): Promise<readonly ListedIntegrator[]>
  /** The change that deleted it, or `null` when it was never deleted or never was. */
  deletedAtEpoch(workspaceId: WorkspaceId, id: string): Promise<number | null>
}

export interface NewIntegrator extends Integrator {
  readonly name: DisplayName
  readonly createdAtMs: number
  readonly createdBy: string
}

export interface NewIntegratorSecret {
  readonly fingerprint: string
  readonly createdAtMs: number
  readonly createdBy: string
}

/** When something was deleted, by whom, and with which change. */
export interface Deletion {
  readonly atMs: number
  readonly by: string
  readonly epoch: number
}

export interface IntegratorWriter extends IntegratorReader {
  findByKey(key: IntegratorKey): Promise<ManagedIntegrator | null>
  hasAny(workspaceId: WorkspaceId): Promise<boolean>
  insert(integrator: NewIntegrator): Promise<void>
  /** The row without its material, which is sealed to the id that this returns. */
  insertSecret(integrator: Integrator, secret: NewIntegratorSecret): Promise<string>
  setSealedMaterial(workspaceId: WorkspaceId, secretId: string, sealed: string): Promise<void>
  /** Whether it was the current one: of two regenerations at once, one finds it so. */
  retireCurrent(integratorId: IntegratorId, secretId: string, expiresAtMs: number): Promise<boolean>
  /** The ids of those that this deleted. */
  deleteSecrets(integratorId: IntegratorId, which: 'all' | 'ended', deletion: Deletion): Promise<readonly string[]>
  /** Whether there was one to delete. */
  markDeleted(workspaceId: WorkspaceId, id: IntegratorId, deletion: Deletion): Promise<boolean>
}

/** An integrator with its secrets, sealed, as a node loads it. */
export interface StoredIntegrator {
  /** The epoch of the snapshot that the rest was read in. */
  readonly epoch: number
  /** `null`: nobody has this key. */
  readonly integrator: (Integrator & { readonly secrets: readonly SealedIntegratorSecret[] }) | null
}

export interface SealedIntegratorSecret extends IntegratorSecret {
  readonly sealed: string
}

export interface IntegratorKeysetReader {
  /** One statement, so that keyset and epoch are of one moment. */
  load(key: IntegratorKey): Promise<StoredIntegrator>
}

/** Signatures that were accepted, each once. */
export interface ConsumedSignatureWriter {
  /** `replayed`: it was there already. `full`: the integrator has `limit` of them, none of which may be forgotten. */
  consume(consumed: ConsumedSignature, limit: number): Promise<'consumed' | 'replayed' | 'full'>
  /** Integrators that have some which need not be remembered any more. */
  withExpired(nowMs: number): Promise<readonly IntegratorId[]>
  /** Of one integrator, those that need not be remembered any more. */
  forgetExpired(integratorId: IntegratorId, nowMs: number): Promise<void>
  /** When the first of an integrator need not be remembered any more; `null`: there are none. */
  firstExpiryMs(integratorId: IntegratorId): Promise<number | null>
}

export interface ConsumedSignature {
  readonly integratorId: IntegratorId
  /** As it was received, which has one form only. */
  readonly signature: string
  readonly expiresAtMs: number
}
