import type { RotationPolicy } from './rotation-policy.ts'
import type { EnforcementByPlatform } from './workspace.ts'

/** What an operator decides for one workspace. */
export interface WorkspaceSettings {
  readonly enforcement: EnforcementByPlatform
  readonly rotationPolicy: RotationPolicy
}
