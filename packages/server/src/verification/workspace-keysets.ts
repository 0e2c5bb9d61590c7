import type { KeysetCache, KeysetSource } from '../signing-secrets/keyset-cache.ts'
import type { MaterialOpener } from '../signing-secrets/ports.ts'
import type { System } from '../system.ts'
import type { WorkspaceId } from '../workspaces/workspace.ts'
import type { KeysetReader, StoredKeyset } from './ports.ts'
import { WorkspaceKeyset } from './workspace-keyset.ts'

export type WorkspaceKeysets = KeysetCache<WorkspaceId, StoredKeyset, WorkspaceKeyset>

/** Keysets of whole workspaces: what users sign with. */
export function workspaceKeysets(
  reader: KeysetReader,
  opener: MaterialOpener,
  system: Pick<System, 'nowMs'>,
): KeysetSource<WorkspaceId, StoredKeyset, WorkspaceKeyset> {
  return {
    read: (workspaceId) => reader.load(workspaceId, system.nowMs()),

    async open(workspaceId, { workspace }) {
      if (!workspace) return null
      const opened = await Promise.all(
        workspace.secrets.map(async ({ sealed, ...secret }) => ({
          ...secret,
          material: await opener.openMaterial(sealed, { use: 'identity_secret', workspaceId, id: secret.id }),
        })),
      )
      return new WorkspaceKeyset(workspace.enforcement, opened)
    },

    outdatedBy({ part, workspaceId }) {
      if (part === 'access_tokens' || part === 'integrator') return null
      return workspaceId === null ? 'all' : (workspaceId as WorkspaceId) // sound: a workspace that was changed
    },
  }
}
