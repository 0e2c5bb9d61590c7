import type { Enforcement, Platform } from '@cutover/contract'

export type WorkspaceId = `ws_${string}`

export interface Workspace {
  readonly id: WorkspaceId
  readonly name: string
  readonly createdAtMs: number
}

export type EnforcementByPlatform = Readonly<Record<Platform, Enforcement>>
