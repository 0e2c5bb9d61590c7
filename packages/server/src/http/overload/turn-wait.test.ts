import { setTimeout as pause } from 'node:timers/promises'
import { describe, expect, it } from 'vitest'
import { workFor } from '../../../test/work-for.ts'
import { TurnWait } from './turn-wait.ts'

function standStillFor(durationMs: number): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, durationMs)
}

describe('what a request may have waited', () => {
  it('is nothing where timers fire in time', async () => {
    const wait = new TurnWait()
    expect(wait.atMostMs({}, performance.now())).toBe(0)
    await pause(100)
    expect(wait.atMostMs({}, performance.now())).toBe(0)
  })

  it('is what the round lasts until now', () => {
    const wait = new TurnWait()
    wait.atMostMs({}, performance.now())
    workFor(250)
    expect(wait.atMostMs({}, performance.now())).toBeGreaterThan(150)
  })

  it('is no longer than since the last request on its connection', () => {
    const wait = new TurnWait()
    const connection = {}
    wait.atMostMs({}, performance.now())
    workFor(250)
    const readAtMs = performance.now()
    wait.atMostMs(connection, readAtMs)
    expect(wait.atMostMs(connection, readAtMs + 5)).toBe(5)
  })

  it('is not what the machine took from this thread', () => {
    const wait = new TurnWait()
    wait.atMostMs({}, performance.now())
    standStillFor(300)
    expect(wait.atMostMs({}, performance.now())).toBeLessThan(100)
  })

  it('is nothing again after the round', async () => {
    const wait = new TurnWait()
    wait.atMostMs({}, performance.now())
    workFor(100)
    await pause(0)
    expect(wait.atMostMs({}, performance.now())).toBe(0)
  })
})
