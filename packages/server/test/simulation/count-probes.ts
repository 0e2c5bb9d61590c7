import type { History, Operation, Verification } from './history.ts'
import type { Counts } from './world.ts'

/** So soon after a delete's answer counts as at once. */
const atOnceMs = 1.5
/** So shortly before a delete its secret was still accepted somewhere. */
const shortlyMs = 100

/** What the verifications of a history prove. */
export function countProbes({ operations, verifications }: History, counts: Counts): void {
  const answered = verifications.filter(({ outcome }) => outcome !== 'none')
  const bySecret = Map.groupBy(answered, ({ secret }) => secret)
  counts.probes += answered.length
  counts.calmProbes += answered.filter(({ isCalm }) => isCalm).length
  counts.unavailable += answered.filter(({ outcome }) => outcome === 'unavailable').length
  for (const operation of operations) {
    if (operation.outcome !== 'ok') continue
    const probes = bySecret.get(operation.secret) ?? []
    if (operation.kind === 'delete') countDelete(operation, probes, counts)
    if (operation.kind === 'retire') countEnd(operation, probes, counts)
  }
}

function countDelete({ invokedMs, okMs }: Operation, probes: readonly Verification[], counts: Counts): void {
  counts.deletes += 1
  if (probes.some((probe) => probe.outcome === 'verified' && probe.answeredMs > invokedMs - shortlyMs)) {
    counts.deletesSeenLive += 1
  }
  const after = probes.filter((probe) => probe.invokedMs > okMs)
  counts.probesAtOnce += after.filter((probe) => probe.invokedMs < okMs + atOnceMs).length
  counts.probesRefusedAfterDelete += after.filter(({ outcome }) => outcome === 'unverified').length
}

function countEnd({ endsMs }: Operation, probes: readonly Verification[], counts: Counts): void {
  counts.probesBeforeEnd += probes.filter((each) => each.outcome === 'verified' && each.answeredMs < endsMs).length
  counts.probesAfterEnd += probes.filter((each) => each.outcome === 'unverified' && each.invokedMs > endsMs).length
}
