import type { Workspace, WorkspaceId } from './workspace.ts'

export interface WorkspaceReader {
  exists(id: WorkspaceId): Promise<boolean>
  /** The ids of at most `limit` workspaces: enough to tell none, one and several apart. */
  firstIds(limit: number): Promise<readonly WorkspaceId[]>
  find(id: string): Promise<Workspace | null>
  /** Those after `after`, oldest first. */
  page(after: string | null, limit: number): Promise<readonly ListedWorkspace[]>
}

export interface ListedWorkspace extends Workspace {
  /** What `page` takes as `after`. */
  readonly cursor: string
}

export interface WorkspaceWriter {
  insert(workspace: Workspace): Promise<void>
  rename(id: WorkspaceId, name: string): Promise<void>
  markDeleted(id: WorkspaceId, atMs: number): Promise<void>
}
