import { setTimeout as pause } from 'node:timers/promises'
import type { Random } from '../../test-support/random.ts'
import type { Node } from './node.ts'
import type { Population } from './population.ts'
import { show } from './questions.ts'
import type { Recorder } from './recorder.ts'

/** So many of one node wait for their answers at most, while it stands still. */
const mostWaiting = 400

export interface ProberOptions {
  readonly recorder: Recorder
  readonly random: Random
  readonly population: Population
  readonly perSecond: number
}

/** Asks one node at random moments, whatever becomes of what it asked before, until it is over. */
export async function probe(node: Node, options: ProberOptions, isOver: () => boolean): Promise<void> {
  const { recorder, random, population, perSecond } = options
  const asked = new Set<Promise<unknown>>()
  let dueMs = performance.now()
  while (!isOver()) {
    dueMs += (-Math.log(1 - random.next()) * 1000) / perSecond
    const leftMs = dueMs - performance.now()
    if (leftMs > 1) await pause(leftMs)
    const subject = population.pick(random)
    if (!subject || asked.size >= mostWaiting) continue
    const asking = show(recorder, node, subject, { isNew: random.chance(0.1) })
    asked.add(asking)
    void asking.finally(() => asked.delete(asking))
  }
  await Promise.all(asked)
}
