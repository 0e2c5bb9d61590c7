import type { Verification } from '../../test-support/revocation/history.ts'
import type { Node } from './node.ts'
import type { Recorder } from './recorder.ts'
import { type Subject, type Taken, takenOf } from './subjects.ts'

/** Longer than anything stands still. */
const patienceMs = 20_000

/** Shows a subject to a node, and has recorded what came of it. `null`: there was no answer. */
export async function show(
  recorder: Recorder,
  node: Node,
  subject: Subject,
  options: { readonly isNew?: boolean } = {},
): Promise<Taken | null> {
  recorder.attempts.push({ node: node.name, secret: subject.number, atMs: performance.now() })
  const { connections } = node
  if (!connections) return null
  const answer = await connections.ask(subject.show(), { timeoutMs: patienceMs, ...options })
  if (answer.status === null) return null
  const taken = takenOf(answer, subject)
  if (taken === null) {
    recorder.surprises.push(`${subject.kind} on ${node.name} was answered ${answer.status}: ${answer.body}`)
    return null
  }
  const { invokedMs, answeredMs } = answer
  recorder.verifications.push({
    machine: node.name,
    secret: subject.number,
    invokedMs,
    comparedFromMs: invokedMs,
    comparedByMs: answeredMs,
    answeredMs,
    outcome: taken,
    isCalm: false,
    // The store's clock is the one of this machine, and is not set.
    isTimeSure: true,
  } satisfies Verification)
  return taken
}
