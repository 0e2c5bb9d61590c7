import { Counter, collectDefaultMetrics, Gauge, Registry } from 'prom-client'
import type { ClusterNode } from './cluster/cluster-node.ts'
import type { VerificationCounts } from './verification/verification-counts.ts'
import type { WorkspaceKeysets } from './verification/workspace-keysets.ts'

export interface MeasuredParts {
  readonly counts: VerificationCounts
  readonly node: Pick<ClusterNode, 'applied'>
  readonly keysets: WorkspaceKeysets
}

/** Everything is read when it is scraped: counting costs a verification one addition. */
export function metricsRegistry({ counts, node, keysets }: MeasuredParts): Registry {
  const registry = new Registry()
  collectDefaultMetrics({ register: registry })
  new Counter({
    name: 'cutover_verifications_total',
    help: 'Verifications answered, by platform and outcome',
    labelNames: ['platform', 'outcome'],
    registers: [registry],
    collect() {
      this.reset()
      for (const { platform, outcome, count } of counts.all()) this.inc({ platform, outcome }, count)
    },
  })
  new Gauge({
    name: 'cutover_revocation_epoch',
    help: 'The change up to which this node holds nothing that is out of date',
    registers: [registry],
    collect() {
      this.set(node.applied)
    },
  })
  new Gauge({
    name: 'cutover_cached_keysets',
    help: 'Workspaces whose keyset is in memory',
    registers: [registry],
    collect() {
      this.set(keysets.size)
    },
  })
  return registry
}
