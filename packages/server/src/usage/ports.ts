import type { Platform, UsagePlatform, VerificationReason } from '@cutover/contract'
import type { SecretWindow } from '../signing-secrets/signing-secret.ts'

/** How a question came out that was understood. */
export type Outcome = 'verified' | VerificationReason

/** What verifications are counted with, on the way to their answer: it neither waits nor throws. */
export interface UsageCounting {
  /** One verification that succeeded. */
  countUse(secretId: string, platform: UsagePlatform, source: string | undefined, atMs: number): void
  /** One question, however it came out. */
  countOutcome(workspaceId: string, platform: Platform, outcome: Outcome, atMs: number): void
}

/** Whose secrets: those that users of a workspace are signed with, or those of one of its integrators. */
export interface UsageOwner {
  readonly workspaceId: string
  /** `null`: users. */
  readonly integratorId: string | null
}

/** A secret with what its uses tell. */
export interface TrackedSecret extends SecretWindow {
  readonly id: string
  readonly fingerprint: string
  readonly platforms: Readonly<Record<Platform, boolean>>
  readonly disabledAtMs: number | null
  readonly deletedAtMs: number | null
  readonly trackedSinceMs: number
  readonly lastUseMs: number | null
}

export type SpanMinutes = 1 | 60 | 1440

/** Buckets of one length, from the first that begins at `fromMs` or later to the last that begins before `untilMs`. */
export interface BucketRange {
  readonly spanMinutes: SpanMinutes
  readonly fromMs: number
  readonly untilMs: number
}

export interface CountedBucket {
  readonly secretId: string
  readonly startMs: number
  readonly platform: UsagePlatform
  readonly count: number
}

export interface PlatformSum {
  readonly platform: UsagePlatform
  readonly count: number
}

export interface SeenSource {
  /** `null`: uses without one, and those of sources that are not kept. */
  readonly source: string | null
  readonly count: number
  readonly lastSeenMs: number
}

/** How far one process has told what it verified. */
export interface UsageReport {
  readonly processId: string
  readonly nodeId: string
  /** What it verified before this moment is counted. */
  readonly countedUntilMs: number
  /** It ended without a last report, and verified nothing from then on; `null`: nobody has found that yet. */
  readonly endedAtMs: number | null
}

export type ReportPlace = Pick<UsageReport, 'processId' | 'nodeId'>

export interface UsageReader {
  /** Undeleted ones, and the one of this id even when it is deleted; by id. */
  tracked(owner: UsageOwner, andId: string | null): Promise<readonly TrackedSecret[]>
  /** Every secret there ever was of this owner, as far as its row remains. */
  fingerprints(owner: UsageOwner): Promise<ReadonlyMap<string, string>>
  /** By start and platform. */
  buckets(secretIds: readonly string[], range: BucketRange): Promise<readonly CountedBucket[]>
  sums(secretIds: readonly string[], ranges: readonly BucketRange[]): Promise<readonly PlatformSum[]>
  /** Of every secret of this owner, whatever became of it. */
  sumsOfAll(owner: UsageOwner, ranges: readonly BucketRange[]): Promise<readonly PlatformSum[]>
  /** The longest pause of any of these that ended on the day of `sinceMs` or later; 0: there was none of note. */
  longestPauseMs(secretIds: readonly string[], sinceMs: number): Promise<number>
  /** Latest first. */
  sources(secretIds: readonly string[]): Promise<readonly SeenSource[]>
  lastUseMs(secretIds: readonly string[]): Promise<number | null>
  /** When somebody last enabled it, or made it accepted again in another way. */
  enabledAtMs(workspaceId: string, secretId: string): Promise<number | null>
  reports(): Promise<readonly UsageReport[]>
}

export interface UseRow {
  readonly secretId: number
  readonly firstMs: number
  readonly lastMs: number
}

export interface CountRow {
  readonly secretId: number
  readonly spanMinutes: SpanMinutes
  readonly startMs: number
  readonly platform: UsagePlatform
  readonly count: number
}

export interface PauseRow {
  readonly secretId: number
  readonly dayMs: number
  readonly longestMs: number
}

export interface SourceRow {
  readonly secretId: number
  /** Empty: uses without one, and those of sources that are not kept. */
  readonly source: string
  readonly count: number
  readonly lastSeenMs: number
}

export interface OutcomeRow {
  readonly workspaceId: string
  readonly hourMs: number
  readonly platform: Platform
  readonly outcome: string
  readonly count: number
}

/** Additive: rows of several processes add up. Each call locks its rows in the order in which they are given. */
export interface UsageWriter extends UsageReader {
  /** Whether this batch was not written before; else nothing of it is to be written again. */
  report(report: Omit<UsageReport, 'endedAtMs'> & { readonly batch: number }): Promise<boolean>
  lastUses(secretIds: readonly number[]): Promise<ReadonlyMap<number, number>>
  addUses(rows: readonly UseRow[]): Promise<void>
  addCounts(rows: readonly CountRow[]): Promise<void>
  addPauses(rows: readonly PauseRow[]): Promise<void>
  addSources(rows: readonly SourceRow[]): Promise<void>
  addOutcomes(rows: readonly OutcomeRow[]): Promise<void>
  /** Those of these secrets that have more sources than are kept, with all they have. */
  crowdedSources(secretIds: readonly number[], kept: number): Promise<readonly SourceRow[]>
  /** What was there to remove; a source that another process removed first is not among them. */
  removeSources(secretId: number, sources: readonly string[]): Promise<readonly SourceRow[]>
  /** It has told everything, and verifies nothing any more. */
  finishReport(of: ReportPlace, atMs: number): Promise<void>
  /** Unless it has told something under another node meanwhile. */
  markEnded(of: ReportPlace, endedAtMs: number): Promise<void>
  /** Of whoever has proven that no other process can be running on the store. */
  markAllEnded(endedAtMs: number): Promise<void>
  /** Up to `limit` secrets after `afterId`, by id, of those that were ever used. */
  usedSecrets(afterId: number, limit: number): Promise<readonly number[]>
  forgetUses(secretIds: readonly number[], kept: KeptSince): Promise<void>
  forgetOutcomesBefore(ms: number): Promise<void>
  /** Asks all processes, where they can be asked, to tell at once; they do so by themselves, a little later. */
  askForReports(): Promise<void>
  /** Of those that had told everything already when they ended a while ago. */
  forgetReportsEndedBefore(ms: number, completeOnesMs: number): Promise<void>
}

/** What began earlier is forgotten. */
export interface KeptSince {
  readonly minutesMs: number
  readonly hoursMs: number
  readonly daysMs: number
  readonly pausesMs: number
}

export interface UsageTransaction {
  readonly usage: UsageWriter
}

export interface UsageStore {
  transaction<Result>(work: (tx: UsageTransaction) => Promise<Result>): Promise<Result>
}
