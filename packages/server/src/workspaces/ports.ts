import type { WorkspaceId } from './workspace.ts'

export interface WorkspaceReader {
  exists(id: WorkspaceId): Promise<boolean>
  /** The ids of at most `limit` workspaces: enough to tell none, one and several apart. */
  firstIds(limit: number): Promise<readonly WorkspaceId[]>
}
