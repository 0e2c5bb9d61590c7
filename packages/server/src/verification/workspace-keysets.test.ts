import { expect, it } from 'vitest'
import type { WorkspaceId } from '../workspaces/workspace.ts'
import { workspaceKeysets } from './workspace-keysets.ts'

const workspace: WorkspaceId = 'ws_00000000000000000001'

it('what ends is left out of a keyset by the clock of the store alone, never by that of the machine', async () => {
  const endedByMs: number[] = []
  const reader = {
    async load(_workspaceId: WorkspaceId, nowMs: number) {
      endedByMs.push(nowMs)
      return { epoch: 1, workspace: null }
    },
  }
  const opener = { openMaterial: async (sealed: string) => sealed }
  let isHeld = true
  const lease = { isHeld: () => isHeld }
  const source = workspaceKeysets(reader, opener, { lease, system: { nowMs: () => 1_700_000_000_000 } })
  await source.read(workspace, undefined)
  isHeld = false
  await source.read(workspace, undefined)
  expect(endedByMs).toEqual([1_700_000_000_000, 0])
})
