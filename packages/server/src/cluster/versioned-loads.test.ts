import { describe, expect, it } from 'vitest'
import { VersionedLoads } from './versioned-loads.ts'

describe('a load', () => {
  it.each([
    [6, false],
    [7, true],
    [8, true],
  ])('that started with epoch 7 applied and brings a snapshot of epoch %i: kept is %s', (epoch, kept) => {
    const loads = new VersionedLoads()
    expect(loads.accepts(loads.begin('ws_a', 7), epoch)).toBe(kept)
  })

  it('is discarded when its subject changed on its way, however new its snapshot is', () => {
    const loads = new VersionedLoads()
    const overtaken = loads.begin('ws_a', 7)
    const other = loads.begin('ws_b', 7)
    loads.changed('ws_a')
    const afterwards = loads.begin('ws_a', 8)
    expect(loads.accepts(overtaken, 100)).toBe(false)
    expect(loads.accepts(other, 7)).toBe(true)
    expect(loads.accepts(afterwards, 8)).toBe(true)
  })

  it('is discarded when everything was dropped on its way', () => {
    const loads = new VersionedLoads()
    const tickets = [loads.begin('ws_a', 7), loads.begin('ws_a', 7), loads.begin('ws_b', 7)]
    loads.changedAll()
    expect(tickets.map((ticket) => loads.accepts(ticket, 9))).toEqual([false, false, false])
  })

  it('ends once, kept or abandoned', () => {
    const loads = new VersionedLoads()
    const ticket = loads.begin('ws_a', 7)
    expect(loads.accepts(ticket, 7)).toBe(true)
    expect(loads.accepts(ticket, 7)).toBe(false)
    const failed = loads.begin('ws_a', 7)
    loads.abandon(failed)
    expect(loads.accepts(failed, 7)).toBe(false)
  })
})
