import type { CutoverClient } from '@cutover/client'
import type { Platform, Readiness24h, Settings } from '@cutover/contract'
import { percent } from '../ui/cutover.ts'
import { platformNames } from '../vocabulary.ts'
import { type Check, ok, warning } from './check.ts'

export async function checkEnforcement({ settings }: CutoverClient): Promise<readonly Check[]> {
  const [{ enforcement }, readiness] = await Promise.all([settings.read(), settings.readiness()])
  return platformNames.map((platform) => judgeEnforcement(platform, enforcement[platform], readiness[platform]))
}

export function judgeEnforcement(
  platform: Platform,
  enforcement: Settings['enforcement'][Platform],
  { total, signedShare, unsignedShare, failingShare }: Readiness24h[Platform],
): Check {
  const id = `enforcement-${platform}`
  if (enforcement === 'enforce') return ok(id, `${platform} is enforced`)
  const of = (share: number | null) => percent(share ?? 0)
  const seen =
    total === 0
      ? 'nothing was asked in 24 hours'
      : `of ${total} in 24 hours ${of(signedShare)} verified, ${of(unsignedShare)} came unsigned, ${of(failingShare)} wrong`
  const summary = `${platform} is not enforced (${enforcement}): what does not verify is allowed; ${seen}`
  const isReady = total === 0 || signedShare === 1
  const enforce = `cutover settings set --${platform} enforce`
  return warning(
    id,
    summary,
    isReady ? `nothing would be rejected: ${enforce}` : `have every client sign, then ${enforce}`,
  )
}
