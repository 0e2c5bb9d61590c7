import type { Verification } from '../../test-support/revocation/history.ts'
import type { Node } from './node.ts'
import type { RecordedOperation, Recorder } from './recorder.ts'

/** So shortly before a delete its subject was still accepted. */
const shortlyMs = 3000
/** So soon after its answer counts as right after. */
const rightAfterMs = 250

export interface Deletion {
  readonly operation: RecordedOperation
  /** Every live node had accepted the subject shortly before, and every node was asked right after. */
  readonly isCounted: boolean
}

/**
 * The deletes of a history, each by the first answer that said it was done, and whether it proves anything: a delete of
 * what no node held, or after which nobody looked, keeps every promise.
 */
export function deletionsOf(recorder: Recorder, nodes: readonly Node[]): readonly Deletion[] {
  const shown = Map.groupBy(recorder.verifications, ({ secret }) => secret)
  const asked = Map.groupBy(recorder.attempts, ({ secret }) => secret)
  return firstDeletes(recorder.operations).map((operation) => {
    const { secret, invokedMs, okMs } = operation
    const hasAccepted = ({ name }: Node) => isAcceptedBefore(shown.get(secret) ?? [], name, operation)
    const isLive = ({ name }: Node) => recorder.isCalm(name, invokedMs, invokedMs)
    const wasAsked = ({ name }: Node) =>
      (asked.get(secret) ?? []).some(({ node, atMs }) => node === name && atMs >= okMs && atMs < okMs + rightAfterMs)
    const isCounted =
      nodes.some(hasAccepted) && nodes.every((node) => (hasAccepted(node) || !isLive(node)) && wasAsked(node))
    return { operation, isCounted }
  })
}

function firstDeletes(operations: readonly RecordedOperation[]): readonly RecordedOperation[] {
  const first = new Map<number, RecordedOperation>()
  for (const operation of operations) {
    if (operation.kind !== 'delete' || operation.outcome !== 'ok') continue
    const before = first.get(operation.secret)
    if (!before || operation.okMs < before.okMs) first.set(operation.secret, operation)
  }
  return [...first.values()]
}

function isAcceptedBefore(shown: readonly Verification[], node: string, { invokedMs }: RecordedOperation): boolean {
  return shown.some(
    ({ machine, outcome, answeredMs }) =>
      machine === node && outcome === 'verified' && answeredMs <= invokedMs && answeredMs > invokedMs - shortlyMs,
  )
}
