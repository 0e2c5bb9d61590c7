import {
  type Platform,
  platformNames,
  type UsagePlatform,
  usagePlatforms,
  verificationReasons,
} from '@cutover/contract'
import { BoundedSources, type SourceBudget } from './bounded-sources.ts'
import type { Outcome, UsageCounting } from './ports.ts'

const minuteMs = 60_000

/** While the store takes nothing for longer, what comes then is counted in the last of these. */
const maxMinutes = 15

/** Of all secrets together, between two flushes. */
const maxSources = 100_000

const outcomeNames: readonly Outcome[] = ['verified', ...verificationReasons]
const usageSlots = slotsOf(usagePlatforms)
const platformSlots = slotsOf(platformNames)
const outcomeSlots = slotsOf(outcomeNames)

/** The uses of one secret in one minute. */
export class SecretUses {
  readonly firstMs: number
  lastMs: number
  readonly sources: BoundedSources
  readonly #counts = usagePlatforms.map(() => 0)

  constructor(firstMs: number, budget: SourceBudget) {
    this.firstMs = firstMs
    this.lastMs = firstMs
    this.sources = new BoundedSources(budget)
  }

  count(platform: UsagePlatform, source: string | undefined, atMs: number): void {
    const slot = usageSlots[platform]
    this.#counts[slot] = (this.#counts[slot] ?? 0) + 1
    if (atMs > this.lastMs) this.lastMs = atMs
    this.sources.count(source, atMs)
  }

  *counts(): Generator<{ readonly platform: UsagePlatform; readonly count: number }> {
    for (const platform of usagePlatforms) {
      const count = this.#counts[usageSlots[platform]] ?? 0
      if (count > 0) yield { platform, count }
    }
  }
}

/** What was asked for in one workspace in one minute. */
export class WorkspaceOutcomes {
  readonly #counts = platformNames.flatMap(() => outcomeNames.map(() => 0))

  count(platform: Platform, outcome: Outcome): void {
    const slot = placeOf(platform, outcome)
    this.#counts[slot] = (this.#counts[slot] ?? 0) + 1
  }

  *counts(): Generator<{ readonly platform: Platform; readonly outcome: Outcome; readonly count: number }> {
    for (const platform of platformNames) {
      for (const outcome of outcomeNames) {
        const count = this.#counts[placeOf(platform, outcome)] ?? 0
        if (count > 0) yield { platform, outcome, count }
      }
    }
  }
}

export interface CountedMinute {
  readonly startMs: number
  readonly uses: Map<string, SecretUses>
  readonly outcomes: Map<string, WorkspaceOutcomes>
}

/** Everything that was counted until it was taken. */
export interface UsageBatch {
  /** In the order in which they were. */
  readonly minutes: readonly CountedMinute[]
  /** Nothing that happened before is still to come. */
  readonly countedUntilMs: number
}

/**
 * Who verified what since the last flush, in memory: each call of a verification costs a few look-ups, and memory only
 * where something is new. What it holds is bounded by the secrets and workspaces in use, whatever callers name as their
 * source.
 */
export class UsageCounters implements UsageCounting {
  #minutes: CountedMinute[] = []
  #current: CountedMinute = nothing
  #currentEndsMs = 0
  #budget: SourceBudget = { left: maxSources }
  #takenUntilMs = 0
  // Mostly it is the same again: comparing costs less than looking up.
  #lastSecretId = ''
  #lastUses: SecretUses | undefined
  #lastWorkspaceId = ''
  #lastOutcomes: WorkspaceOutcomes | undefined

  countUse(secretId: string, platform: UsagePlatform, source: string | undefined, atMs: number): void {
    const countedAtMs = this.#reach(atMs)
    if (this.#lastUses === undefined || secretId !== this.#lastSecretId) this.#lookUpUses(secretId, countedAtMs)
    this.#lastUses?.count(platform, source, countedAtMs)
  }

  countOutcome(workspaceId: string, platform: Platform, outcome: Outcome, atMs: number): void {
    this.#reach(atMs)
    if (this.#lastOutcomes === undefined || workspaceId !== this.#lastWorkspaceId) this.#lookUpOutcomes(workspaceId)
    this.#lastOutcomes?.count(platform, outcome)
  }

  /** Hands over what was counted, and starts anew. */
  take(nowMs: number): UsageBatch {
    this.#takenUntilMs = Math.max(nowMs, this.#takenUntilMs)
    const batch = { minutes: this.#minutes, countedUntilMs: this.#takenUntilMs }
    this.#minutes = []
    this.#enter(nothing, 0)
    this.#budget = { left: maxSources }
    return batch
  }

  /**
   * Makes the minute of `atMs` the current one. What was reported as counted stays so, even when the clock goes back by
   * the error of an estimate: nothing is counted before it.
   */
  #reach(atMs: number): number {
    const countedAtMs = atMs < this.#takenUntilMs ? this.#takenUntilMs : atMs
    if (countedAtMs >= this.#currentEndsMs) this.#turn(countedAtMs)
    return countedAtMs
  }

  #turn(atMs: number): void {
    if (this.#minutes.length >= maxMinutes) return
    const minute = { startMs: atMs - (atMs % minuteMs), uses: new Map(), outcomes: new Map() }
    this.#minutes.push(minute)
    this.#enter(minute, minute.startMs + minuteMs)
  }

  #enter(minute: CountedMinute, endsMs: number): void {
    this.#current = minute
    this.#currentEndsMs = endsMs
    this.#lastUses = undefined
    this.#lastOutcomes = undefined
  }

  #lookUpUses(secretId: string, atMs: number): void {
    const { uses } = this.#current
    const found = uses.get(secretId) ?? new SecretUses(atMs, this.#budget)
    uses.set(secretId, found)
    this.#lastSecretId = secretId
    this.#lastUses = found
  }

  #lookUpOutcomes(workspaceId: string): void {
    const { outcomes } = this.#current
    const found = outcomes.get(workspaceId) ?? new WorkspaceOutcomes()
    outcomes.set(workspaceId, found)
    this.#lastWorkspaceId = workspaceId
    this.#lastOutcomes = found
  }
}

/** Before the first minute, of which nothing is ever counted. */
const nothing: CountedMinute = { startMs: 0, uses: new Map(), outcomes: new Map() }

function placeOf(platform: Platform, outcome: Outcome): number {
  return platformSlots[platform] * outcomeNames.length + outcomeSlots[outcome]
}

function slotsOf<Name extends string>(names: readonly Name[]): Readonly<Record<Name, number>> {
  // Sound: each name gets its place.
  return Object.fromEntries(names.map((name, index) => [name, index])) as Record<Name, number>
}
