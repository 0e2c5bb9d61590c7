import type { UsageBucket } from '@cutover/contract'
import type { UsageFlusher } from './flush-usage.ts'
import type { BucketRange, CountedBucket, SpanMinutes, UsageReader } from './ports.ts'

const hourMs = 3_600_000
const dayMs = 86_400_000

const spanMinutesOf = { minute: 1, hour: 60, day: 1440 } as const satisfies Record<UsageBucket, SpanMinutes>
const shownByDefaultMs = { minute: hourMs, hour: dayMs, day: 30 * dayMs } as const satisfies Record<UsageBucket, number>

export interface UsagePorts {
  readonly usage: UsageReader
  readonly flusher: Pick<UsageFlusher, 'flush'>
}

export interface UsageQuestion {
  readonly bucket: UsageBucket
  /** `null`: an hour, a day or 30 days before the end. */
  readonly fromMs: number | null
  readonly toMs: number
}

/** What this process has counted is in it; of others what they wrote, which is all but their last two seconds. */
export async function readUsage(
  { usage, flusher }: UsagePorts,
  secretIds: readonly string[],
  question: UsageQuestion,
): Promise<readonly CountedBucket[]> {
  await flusher.flush().catch(() => {})
  return usage.buckets(secretIds, rangeOf(question))
}

/** Each bucket that has any moment in what was asked for. */
function rangeOf({ bucket, fromMs, toMs }: UsageQuestion): BucketRange {
  const spanMinutes = spanMinutesOf[bucket]
  const from = fromMs ?? toMs - shownByDefaultMs[bucket]
  const lengthMs = spanMinutes * 60_000
  return { spanMinutes, fromMs: Math.floor(from / lengthMs) * lengthMs, untilMs: toMs }
}
