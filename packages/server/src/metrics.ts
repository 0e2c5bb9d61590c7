import { collectDefaultMetrics, type Metric, Registry } from 'prom-client'
import type { ClusterNode } from './cluster/cluster-node.ts'
import type { RequestVerificationCounts } from './integrators/request-verification-counts.ts'
import { counter, gauge, histogram, type MetricFamily, type Sample } from './metrics/metric-family.ts'
import { liveStates, type SecretTally, secretKinds } from './metrics/ports.ts'
import type { Census, StoreCensus } from './metrics/store-census.ts'
import type { VerificationDurations } from './metrics/verification-durations.ts'
import type { System } from './system.ts'
import type { UsageFlusher } from './usage/flush-usage.ts'
import type { VerificationCounts } from './verification/verification-counts.ts'

/** What of a cache is measured. */
export interface MeasuredCache {
  readonly size: number
  readonly lookups: { readonly hits: number; readonly misses: number }
}

export interface MeasuredParts {
  readonly version: string
  readonly counts: VerificationCounts
  readonly requestCounts: RequestVerificationCounts
  readonly durations: VerificationDurations
  readonly shedRequests: { readonly count: number }
  readonly node: Pick<ClusterNode, 'applied' | 'leaseLeftMs'>
  readonly keysetCaches: Readonly<Record<'workspace' | 'integrator', MeasuredCache>>
  readonly flusher: Pick<UsageFlusher, 'countedUntilMs'>
  readonly census: Pick<StoreCensus, 'read'>
  readonly system: Pick<System, 'nowMs'>
}

/** Everything is read when it is scraped: counting costs a verification a few additions. */
export function metricsRegistry(parts: MeasuredParts): Registry {
  const registry = new Registry()
  collectDefaultMetrics({ register: registry })
  // Sound: a registry asks a metric for its name and, at each scrape, for what `get` returns.
  for (const family of families(parts)) registry.registerMetric(family as unknown as Metric)
  return registry
}

function families(parts: MeasuredParts): readonly MetricFamily[] {
  return [...ofVerification(parts), ...ofCaches(parts), ...ofNode(parts), ...ofStore(parts)]
}

function ofVerification({ counts, requestCounts, durations, shedRequests }: MeasuredParts): MetricFamily[] {
  return [
    counter('cutover_verifications_total', 'Users verified or refused, each item of a batch by itself', () =>
      [...counts.all()].map(({ count, ...labels }) => [labels, count]),
    ),
    counter('cutover_request_verifications_total', 'Signed requests that were asked about', () =>
      [...requestCounts.all()].map(({ count, ...labels }) => [labels, count]),
    ),
    histogram('cutover_verification_duration_seconds', 'From the headers of a request to its verdicts', () =>
      durations.all().map(({ operation, ...distribution }) => [{ operation }, distribution]),
    ),
    counter(
      'cutover_shed_requests_total',
      'Verifications, and large bodies, answered with 503, since they would have waited too long',
      () => [[{}, shedRequests.count]],
    ),
  ]
}

function ofCaches({ keysetCaches }: MeasuredParts): MetricFamily[] {
  const caches = Object.entries(keysetCaches)
  return [
    gauge('cutover_cached_keysets', 'Keysets in memory', () => caches.map(([cache, { size }]) => [{ cache }, size])),
    counter('cutover_keyset_cache_lookups_total', 'Looks for a keyset in memory', () =>
      caches.flatMap(([cache, { lookups }]) => [
        [{ cache, result: 'hit' }, lookups.hits],
        [{ cache, result: 'miss' }, lookups.misses],
      ]),
    ),
  ]
}

function ofNode({ version, node, flusher, system }: MeasuredParts): MetricFamily[] {
  return [
    gauge('cutover_build_info', 'Always 1; the version is a label', () => [[{ version }, 1]]),
    gauge('cutover_revocation_epoch', 'The change up to which memory holds nothing out of date', () => [
      [{}, node.applied],
    ]),
    gauge('cutover_lease_seconds', 'How long memory may be answered from without another renewal', () => [
      [{}, node.leaseLeftMs() / 1000],
    ]),
    gauge('cutover_usage_flush_lag_seconds', 'For how long what was verified is in memory alone', () => [
      [{}, Math.max(0, system.nowMs() - flusher.countedUntilMs) / 1000],
    ]),
  ]
}

function ofStore({ census, system }: MeasuredParts): MetricFamily[] {
  const figures = (samples: (census: Census) => readonly Sample[]) => async () => {
    const { census: latest } = await census.read()
    return latest ? samples(latest) : []
  }
  return [
    gauge('cutover_store_up', '1: the store answered this scrape; 0: it did not', async () => [
      [{}, (await census.read()).isStoreUp ? 1 : 0],
    ]),
    gauge(
      'cutover_census_age_seconds',
      'Since the figures below were read from the store',
      figures(({ takenAtMs }) => [[{}, Math.max(0, system.nowMs() - takenAtMs) / 1000]]),
    ),
    gauge(
      'cutover_nodes',
      'Nodes that hold a lease',
      figures(({ nodes }) => [[{}, nodes]]),
    ),
    gauge(
      'cutover_secrets',
      'Secrets and tokens that are neither deleted, revoked nor expired',
      figures(({ tallies }) => byState(tallies)),
    ),
    gauge(
      'cutover_overdue',
      'Of these, as old as the rotation policy of their workspace allows, or older',
      figures(({ tallies }) => byKind(tallies, (of) => of.reduce((sum, { overdue }) => sum + overdue, 0))),
    ),
    gauge(
      'cutover_oldest_age_seconds',
      'Age of the oldest of these; 0: there is none',
      figures(({ tallies }) => byKind(tallies, (of) => oldestAgeMs(of, system.nowMs()) / 1000)),
    ),
  ]
}

function byState(tallies: readonly SecretTally[]): Sample[] {
  const countOf = (kind: string, state: string) =>
    tallies.find((each) => each.kind === kind && each.state === state)?.count ?? 0
  return secretKinds.flatMap((kind) => liveStates[kind].map((state): Sample => [{ kind, state }, countOf(kind, state)]))
}

function byKind(tallies: readonly SecretTally[], value: (ofKind: readonly SecretTally[]) => number): Sample[] {
  return secretKinds.map((kind) => [{ kind }, value(tallies.filter((each) => each.kind === kind))])
}

function oldestAgeMs(tallies: readonly SecretTally[], nowMs: number): number {
  return Math.max(0, ...tallies.map(({ oldestMs }) => nowMs - oldestMs))
}
