import type { Platform } from '@cutover/contract'
import type { WorkspaceSettings } from './settings.ts'
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

export interface SettingsStore {
  find(workspaceId: WorkspaceId): Promise<WorkspaceSettings | null>
  replace(workspaceId: WorkspaceId, settings: WorkspaceSettings): Promise<void>
}

/** How many of what was asked for in a workspace came out how, since some moment. */
export interface OutcomeReader {
  countsSince(workspaceId: WorkspaceId, sinceMs: number): Promise<readonly OutcomeCount[]>
  /** Each hour that has any moment in this half-open period; oldest first. */
  hourly(
    workspaceId: WorkspaceId,
    period: { readonly fromMs: number; readonly toMs: number },
  ): Promise<readonly HourlyCount[]>
}

export interface HourlyCount extends OutcomeCount {
  /** Where the hour begins. */
  readonly hourMs: number
}

export interface OutcomeCount {
  readonly platform: Platform
  /** `verified`, or why not. */
  readonly outcome: string
  readonly count: number
}
