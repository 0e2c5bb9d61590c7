import type { Platform } from '@cutover/contract'

/** A client of the demo: where it runs, how much of the traffic is its own, and when it takes the new secret. */
export interface DemoSource {
  readonly name: string
  readonly platform: Platform
  readonly weight: number
  readonly movesAfterMs: number
}

const minuteMs = 60_000

/** One after the other over ten minutes; some have moved before anybody looks. */
export const demoSources: readonly DemoSource[] = [
  { name: 'web/checkout', platform: 'web', weight: 9, movesAfterMs: 0 },
  { name: 'web/account', platform: 'web', weight: 8, movesAfterMs: 0 },
  { name: 'android/4.2.0', platform: 'android', weight: 6, movesAfterMs: 0.5 * minuteMs },
  { name: 'ios/4.2.1', platform: 'ios', weight: 7, movesAfterMs: minuteMs },
  { name: 'web/help-center', platform: 'web', weight: 4, movesAfterMs: 2 * minuteMs },
  { name: 'support-portal', platform: 'web', weight: 3, movesAfterMs: 3 * minuteMs },
  { name: 'partner-api', platform: 'web', weight: 3, movesAfterMs: 4 * minuteMs },
  { name: 'mobile-gateway', platform: 'android', weight: 4, movesAfterMs: 5 * minuteMs },
  { name: 'ios/4.1.0', platform: 'ios', weight: 4, movesAfterMs: 6 * minuteMs },
  { name: 'android/4.1.3', platform: 'android', weight: 3, movesAfterMs: 7 * minuteMs },
  { name: 'crm-sync', platform: 'web', weight: 2, movesAfterMs: 8.5 * minuteMs },
  { name: 'billing-service', platform: 'web', weight: 2, movesAfterMs: 10 * minuteMs },
]

const totalWeight = demoSources.reduce((sum, { weight }) => sum + weight, 0)

/** @param chance - 0 to 1 */
export function pickSource(chance: number): DemoSource {
  let left = chance * totalWeight
  for (const source of demoSources) {
    left -= source.weight
    if (left < 0) return source
  }
  return demoSources[0] as DemoSource // sound: there are some
}

/** Its part of all traffic. */
export function shareOf({ weight }: DemoSource): number {
  return weight / totalWeight
}
