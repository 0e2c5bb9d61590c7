import { overdueSinceMs, type RotationPolicy } from '../../workspaces/rotation-policy.ts'

/** Of a list: only what was made at this moment or before; `null`: however old. */
export interface AgeFilter {
  readonly createdUntilMs: number | null
}

/** What `?overdue=true` asks for; `null`: by this policy nothing is. */
export function overdueFilter(
  { overdue }: { readonly overdue?: string },
  policy: RotationPolicy,
  nowMs: number,
): AgeFilter | null {
  if (overdue !== 'true') return { createdUntilMs: null }
  const createdUntilMs = overdueSinceMs(policy, nowMs)
  return createdUntilMs === null ? null : { createdUntilMs }
}
