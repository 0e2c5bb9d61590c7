import { CutoverClient } from '@cutover/client'
import type { Health } from '@cutover/contract'
import { useSyncExternalStore } from 'react'

export interface OpenSession {
  readonly kind: 'open'
  readonly holder: Health
  /** Acts in the workspace that is looked at. */
  readonly client: CutoverClient
  /** `null`: an instance token that has yet to name one. */
  readonly workspaceId: string | null
}

export type Session =
  | { readonly kind: 'unknown' }
  | { readonly kind: 'closed'; readonly why: 'none' | 'ended' | 'signed_out' }
  | OpenSession

let session: Session = { kind: 'unknown' }
const listeners = new Set<() => void>()

export const currentSession = (): Session => session

export function setSession(next: Session): void {
  session = next
  for (const listener of listeners) listener()
}

export function openSession(holder: Health, workspaceId = holder.workspaceId): void {
  setSession({ kind: 'open', holder, workspaceId, client: clientOf(chosen(holder, workspaceId)) })
}

/** On a 401 of any call. Where one was stays in the address, and is shown again after the next sign-in. */
export function endSession(): void {
  if (session.kind === 'open') setSession({ kind: 'closed', why: 'ended' })
}

export function useSession(): Session {
  return useSyncExternalStore(subscribe, currentSession)
}

/** Below the sign-in: there is one. */
export function useOpenSession(): OpenSession {
  const open = useSession()
  if (open.kind !== 'open') throw new Error('There is no session')
  return open
}

/** Without a token: the browser sends its cookie along. */
export function clientOf(workspace?: string): CutoverClient {
  return new CutoverClient({ baseUrl: location.origin, workspace })
}

/** A token of a workspace cannot name another one: it names none. */
function chosen({ workspaceId }: Health, wanted: string | null): string | undefined {
  return wanted === null || wanted === workspaceId ? undefined : wanted
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener)
  return () => listeners.delete(listener)
}
