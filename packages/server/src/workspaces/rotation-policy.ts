import type { SettingsStore } from './ports.ts'
import type { WorkspaceId } from './workspace.ts'

const dayMs = 86_400_000

/** How old a secret or a token of a workspace may be; `null`: as old as it likes. */
export interface RotationPolicy {
  readonly maxAgeDays: number | null
}

const noRotationPolicy: RotationPolicy = { maxAgeDays: null }

/** `null` for the workspace: what belongs to none may be as old as it likes. */
export async function rotationPolicyOf(
  settings: Pick<SettingsStore, 'find'>,
  workspaceId: WorkspaceId | null,
): Promise<RotationPolicy> {
  const ofWorkspace = workspaceId === null ? null : await settings.find(workspaceId)
  return ofWorkspace?.rotationPolicy ?? noRotationPolicy
}

interface Aging {
  readonly createdAtMs: number
}

export function rotationDueAtMs({ createdAtMs }: Aging, { maxAgeDays }: RotationPolicy): number | null {
  return maxAgeDays === null ? null : createdAtMs + maxAgeDays * dayMs
}

/** What was made at this moment or before is overdue now; `null`: nothing is. */
export function overdueSinceMs({ maxAgeDays }: RotationPolicy, nowMs: number): number | null {
  return maxAgeDays === null ? null : nowMs - maxAgeDays * dayMs
}

export function ageDays({ createdAtMs }: Aging, nowMs: number): number {
  return Math.max(0, Math.floor((nowMs - createdAtMs) / dayMs))
}
