import { expect, it } from 'vitest'
import { VerificationDurations } from './verification-durations.ts'

it('a duration counts in the first bucket whose bound it does not exceed, and one past all bounds in the last', () => {
  const durations = new VerificationDurations()
  for (const durationMs of [0, 0.1, 0.1001, 5, 5000, 5000.1]) durations.observe('verify', durationMs)
  durations.observe('verifyBatch', 250)
  const [verify, verifyBatch, verifyRequest] = durations.all()
  const counted = ({ bounds, counts }: { readonly bounds: readonly number[]; readonly counts: readonly number[] }) =>
    Object.fromEntries(counts.map((count, at) => [bounds[at] ?? 'more', count]).filter(([, count]) => count !== 0))
  expect(verify && counted(verify)).toEqual({ 0.0001: 2, 0.00025: 1, 0.005: 1, 5: 1, more: 1 })
  expect(verify?.sum).toBeCloseTo(10.0053001, 12)
  expect(verifyBatch && [counted(verifyBatch), verifyBatch.sum]).toEqual([{ 0.25: 1 }, 0.25])
  expect(verifyRequest && [counted(verifyRequest), verifyRequest.sum]).toEqual([{}, 0])
})
