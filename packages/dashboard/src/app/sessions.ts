import { ApiError, CutoverClient } from '@cutover/client'
import { clientOf, currentSession, endSession, openSession, setSession } from './session-store.ts'

/** Who one is already, by the cookie. */
export async function resumeSession(): Promise<void> {
  try {
    openSession(await clientOf().health())
  } catch (error) {
    if (error instanceof ApiError && error.status === 401) setSession({ kind: 'closed', why: 'none' })
    else throw error
  }
}

/** The token goes out in this one request and is kept nowhere. Whoever is to wait is told so, at once. */
export async function signIn(token: string): Promise<void> {
  await new CutoverClient({ baseUrl: location.origin, retries: 0 }).sessions.create(token)
  openSession(await clientOf().health())
}

export async function signOut(): Promise<void> {
  try {
    await clientOf().sessions.end()
  } catch (error) {
    if (!(error instanceof ApiError && error.status === 401)) throw error
  }
  setSession({ kind: 'closed', why: 'signed_out' })
}

/** What every failed call is told to: a session that is over is over for all of the page. */
export function noticeRefusal(error: unknown): void {
  if (error instanceof ApiError && error.status === 401 && currentSession().kind === 'open') endSession()
}
