import { describe, expect, it } from 'vitest'
import { type CutoverFacts, judgeCutover, requiredQuietMs } from './cutover-verdict.ts'

const now = Date.UTC(2026, 10, 21, 12)
const hour = 3_600_000
const day = 24 * hour

/** Everything speaks for it: quiet for two hours, one required. */
const quiet: CutoverFacts = {
  nowMs: now,
  heard: { untilMs: now, silent: [], lostUntilMs: null },
  requiredMs: hour,
  trackedSinceMs: now - 30 * day,
  lastUseMs: now - 2 * hour,
  refused: null,
  acceptedAgainMs: null,
  hasSuccessor: true,
  lastSource: 'ios/4.1.0',
}

function verdict(facts: Partial<CutoverFacts>) {
  return judgeCutover({ ...quiet, ...facts })
}

describe('the cutover verdict', () => {
  it('is in_use until exactly as much quiet as is required, and safe from then on', () => {
    expect(verdict({ lastUseMs: now - hour + 1 })).toEqual({
      verdict: 'in_use',
      why: 'It verified something 3599 seconds ago (ios/4.1.0); 3600 seconds of quiet are required',
      quietMs: hour - 1,
    })
    expect(verdict({ lastUseMs: now - hour })).toEqual({
      verdict: 'safe',
      why: 'Quiet for 3600 seconds (3600 required); others verify in its place',
      quietMs: hour,
    })
  })

  it('counts quiet up to where every node has told what it verified, and no further', () => {
    const heard = { untilMs: now - 1500, silent: [], lostUntilMs: null }
    expect(verdict({ heard, lastUseMs: now - hour }).verdict).toBe('in_use')
    expect(verdict({ heard, lastUseMs: now - hour - 1500 }).verdict).toBe('safe')
  })

  it('is unknown while a node does not tell what it verified, and names it; what is known to be in use stays so', () => {
    const silent = [{ nodeId: 'node_b', sinceMs: now - 10_000 }]
    const heard = { untilMs: now - 10_000, silent, lostUntilMs: null }
    expect(verdict({ heard })).toMatchObject({
      verdict: 'unknown',
      why: 'Node node_b has not told since 2026-11-21T11:59:50.000Z what it verified',
    })
    expect(verdict({ heard, lastUseMs: now - 5 }).verdict).toBe('in_use')
  })

  it('counts what a process may have taken with it as a use, at the last moment at which it could have been', () => {
    const lostAt = (lostUntilMs: number) => ({ untilMs: now, silent: [], lostUntilMs })
    expect(verdict({ heard: lostAt(now - hour + 1) })).toMatchObject({
      verdict: 'unknown',
      why: 'A process ended without telling what it verified last, at 2026-11-21T11:00:00.001Z at the latest: that counts as a use',
    })
    expect(verdict({ heard: lostAt(now - hour) }).verdict).toBe('safe')
  })

  it('is unknown until a secret was tracked for as long as it must be quiet, used or not', () => {
    const facts = { lastUseMs: null, trackedSinceMs: now - hour + 1 }
    expect(verdict(facts)).toEqual({
      verdict: 'unknown',
      why: 'Its uses are counted since 2026-11-21T11:00:00.001Z only; 3600 seconds are required',
      quietMs: hour - 1,
    })
    expect(verdict({ ...facts, trackedSinceMs: now - hour }).verdict).toBe('safe')
  })

  it.each(['disabled', 'expired', 'deleted'] as const)(
    'is unknown of a secret that is %s: its quiet proves nothing',
    (how) => {
      expect(verdict({ refused: { how, sinceMs: now - day } })).toMatchObject({
        verdict: 'unknown',
        why: `It is ${how} since 2026-11-20T12:00:00.000Z: whether anybody still signs with it does not show`,
      })
    },
  )

  it('does not count the time in which it was disabled', () => {
    expect(verdict({ acceptedAgainMs: now - hour + 1 })).toMatchObject({
      verdict: 'unknown',
      why: 'It was disabled until 2026-11-21T11:00:00.001Z: quiet counts from there on',
    })
    expect(verdict({ acceptedAgainMs: now - hour }).verdict).toBe('safe')
  })

  it('is unknown without a successor', () => {
    expect(verdict({ hasSuccessor: false })).toMatchObject({
      verdict: 'unknown',
      why: 'No other live secret covers its platforms and verified anything in that time',
    })
  })
})

describe('the required quiet', () => {
  it('is what was asked for, or an hour, or twice the longest pause of 30 days at most', () => {
    expect(requiredQuietMs(0, 10 * day)).toBe(0)
    expect(requiredQuietMs(5000, 10 * day)).toBe(5000)
    expect(requiredQuietMs(null, 0)).toBe(hour)
    expect(requiredQuietMs(null, hour / 2)).toBe(hour)
    expect(requiredQuietMs(null, hour / 2 + 1)).toBe(hour + 2)
    expect(requiredQuietMs(null, 90 * day)).toBe(60 * day)
  })
})
