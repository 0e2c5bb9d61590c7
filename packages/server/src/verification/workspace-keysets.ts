import type { Lease } from '../cluster/ports.ts'
import type { KeysetCache, KeysetSource } from '../signing-secrets/keyset-cache.ts'
import type { MaterialOpener } from '../signing-secrets/ports.ts'
import type { System } from '../system.ts'
import type { WorkspaceId } from '../workspaces/workspace.ts'
import type { KeysetReader, StoredKeyset } from './ports.ts'
import { WorkspaceKeyset } from './workspace-keyset.ts'

export interface KeysetClock {
  readonly lease: Lease
  readonly system: Pick<System, 'nowMs'>
}

export type WorkspaceKeysets = KeysetCache<WorkspaceId, StoredKeyset, WorkspaceKeyset>

/** Keysets of whole workspaces: what users sign with. */
export function workspaceKeysets(
  reader: KeysetReader,
  opener: MaterialOpener,
  { lease, system }: KeysetClock,
): KeysetSource<WorkspaceId, StoredKeyset, WorkspaceKeyset> {
  // What is left out stays out of a keyset that is kept. Without a lease there is only the clock of this machine, and by
  // the store's, which the keyset will be judged by, it may not have ended.
  const endedByMs = () => (lease.isHeld() ? system.nowMs() : 0)
  return {
    read: (workspaceId) => reader.load(workspaceId, endedByMs()),

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
