import { describe, expect, it } from 'vitest'
import { leaseTiming } from './lease-timing.ts'

describe('the timing of leases', () => {
  it('is that of the published table', () => {
    expect(leaseTiming(10_000)).toEqual({ usableMs: 9990, renewEveryMs: 1000, retryAfterMs: 100, waitMs: 12_233 })
    expect(leaseTiming(2000)).toEqual({ usableMs: 1990, renewEveryMs: 200, retryAfterMs: 20, waitMs: 2455 })
  })

  it.each([1000, 2000, 10_000, 60_000])(
    'outwaits a lease of %i ms with clocks 10 %% slow there and fast here',
    (leaseMs) => {
      const { usableMs, waitMs } = leaseTiming(leaseMs)
      const usedForMs = usableMs / 0.9
      const waitedForMs = waitMs / 1.1
      expect(waitedForMs - usedForMs).toBeGreaterThan(15)
    },
  )
})
