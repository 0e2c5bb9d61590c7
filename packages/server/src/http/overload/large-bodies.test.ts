import { setImmediate as nextRound, setTimeout as pause } from 'node:timers/promises'
import { beforeEach, describe, expect, it } from 'vitest'
import { workFor } from '../../../test/work-for.ts'
import { LargeBodies } from './large-bodies.ts'
import { ShedRequests } from './shed-requests.ts'

const turnMs = 20
const mebibyte = 1024 * 1024

let shed: ShedRequests
let bodies: LargeBodies
/** What happened, in its order. */
let events: string[]

beforeEach(() => {
  shed = new ShedRequests({ warn: () => undefined })
  bodies = new LargeBodies({ toleratedMs: 250, longestMs: 60_000 }, shed)
  events = []
})

function sendLarge(name: string, bytes = mebibyte): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>()
  bodies.enqueue(bytes, (refusal) => {
    events.push(refusal === null ? name : `${name}: ${refusal.kind}`)
    if (refusal === null) workFor(turnMs)
    resolve()
  })
  return promise
}

/** One after another, until `isOver`. */
async function keepAsking(isOver: () => boolean): Promise<void> {
  for (; !isOver(); await nextRound()) bodies.noteOther()
}

describe('large bodies', () => {
  it('wait for nothing where there is only one', () => {
    void sendLarge('one')
    expect(events).toEqual(['one'])
    expect(bodies.waitedMs(performance.now())).toBe(0)
  })

  it('are taken one at a time, in their order, and everybody else is answered between two', async () => {
    const all = Promise.all(['one', 'two', 'three'].map((name) => sendLarge(name)))
    expect(events).toEqual(['one'])
    let isOver = false
    const others = (async () => {
      while (!isOver) {
        await nextRound()
        if (events.at(-1) !== 'others') events.push('others')
      }
    })()
    await all
    isOver = true
    await others
    expect(events).toEqual(['one', 'others', 'two', 'others', 'three', 'others'])
  })

  it('that come when one might be taken wait for those that came before them', async () => {
    const before = [sendLarge('one'), sendLarge('two')]
    workFor(4 * turnMs)
    await Promise.all([...before, sendLarge('three')])
    expect(events).toEqual(['one', 'two', 'three'])
  })

  it('have a quarter of the time while anybody else asks', async () => {
    const startedMs = performance.now()
    let isOver = false
    const taken = Promise.all(['one', 'two', 'three'].map((name) => sendLarge(name))).then(() => {
      isOver = true
    })
    await Promise.all([taken, keepAsking(() => isOver)])
    expect(performance.now() - startedMs).toBeGreaterThan(turnMs * (1 + 3 + 1 + 3 + 1))
  })

  it('follow each other without a pause while nobody else asks', async () => {
    await Promise.all(['one', 'two', 'three'].map((name) => sendLarge(name)))
    const roundsBetween: number[] = []
    let rounds = 0
    let isOver = false
    const counting = (async () => {
      for (; !isOver; rounds += 1) await nextRound()
    })()
    for (const name of ['four', 'five', 'six']) {
      const before = rounds
      await sendLarge(name)
      roundsBetween.push(rounds - before)
    }
    isOver = true
    await counting
    expect(Math.max(...roundsBetween)).toBeLessThanOrEqual(3)
  })

  it('are refused where 64 MiB of them wait already', async () => {
    const waiting = Array.from({ length: 65 }, (_, index) => sendLarge(`${index}`))
    expect(events).toEqual(['0'])
    await sendLarge('one more')
    expect(events).toEqual(['0', 'one more: too_busy'])
    expect(shed.count).toBe(1)
    await Promise.all(waiting)
    await sendLarge('another')
    expect(events.at(-1)).toBe('another')
  })

  it('are refused once they have waited for longer than clients do, and what comes then is not', async () => {
    const longestMs = 100
    bodies = new LargeBodies({ toleratedMs: 50, longestMs }, shed)
    void sendLarge('one')
    const late = sendLarge('late')
    workFor(longestMs)
    expect(bodies.waitedMs(performance.now())).toBeGreaterThan(longestMs)
    await late
    expect(events).toEqual(['one', 'late: too_busy'])
    await pause(1)
    await sendLarge('next')
    expect(events.at(-1)).toBe('next')
  })
})
