import { setTimeout as pause } from 'node:timers/promises'
import { createSecret, question, verificationPath } from '../arena.ts'
import { call } from '../call.ts'
import { createWorkspace } from '../managed-workspace.ts'
import { signUsers } from '../sample.ts'
import type { SubjectServer } from '../subject-server.ts'

const turnsPerSecond = 2

export interface Changes extends AsyncDisposable {
  readonly turns: number
  /** What went otherwise than it must. */
  readonly faults: readonly string[]
}

/**
 * What is done to a server beside the load on it: secrets are made and deleted, in the workspace that is asked and in
 * another one, and verify from the one to the other; and somebody asks what has no good answer.
 */
export async function keepChanging(server: SubjectServer, askedId: string): Promise<Changes> {
  const otherId = await createWorkspace(server, 'another')
  const faults: string[] = []
  const state = { isEnding: false, turns: 0 }
  const ended = (async () => {
    for (; !state.isEnding; state.turns += 1) {
      const workspaceId = state.turns % 2 === 0 ? askedId : otherId
      await changeOnce(server, workspaceId).catch((error: Error) => faults.push(error.message))
      await pause(1000 / turnsPerSecond)
    }
  })()
  return {
    get turns() {
      return state.turns
    },
    faults,
    async [Symbol.asyncDispose]() {
      state.isEnding = true
      await ended
    },
  }
}

async function changeOnce(server: SubjectServer, workspaceId: string): Promise<void> {
  const { id, secret } = await createSecret(server, workspaceId)
  const asked = { workspaceId, secret }
  if (!(await isVerified(server, asked))) throw new Error('a new secret does not verify')
  await deleteSecret(server, { workspaceId, id })
  if (await isVerified(server, asked)) throw new Error('a deleted secret verifies')
  await expectRefusal({ ...server, token: `${server.token.slice(0, -1)}~` }, workspaceId, '401')
  await expectRefusal(server, 'ws_00000000000000000000', '404')
}

export async function deleteSecret(
  server: SubjectServer,
  { workspaceId, id }: { readonly workspaceId: string; readonly id: string },
): Promise<void> {
  await call(server, { method: 'DELETE', path: `/secure_mode_secrets/${id}`, workspaceId })
}

/** Whether a user who is signed with `secret` is let in. */
export async function isVerified(
  server: SubjectServer,
  { workspaceId, secret }: { readonly workspaceId: string; readonly secret: string },
): Promise<boolean> {
  const [signed] = signUsers(secret, 1)
  if (!signed) throw new RangeError('one user was signed')
  const body = question(signed)
  const answer = await call(server, { method: 'POST', path: verificationPath, body, workspaceId })
  return (JSON.parse(answer) as { verified: unknown }).verified === true // sound: compared here
}

async function expectRefusal(server: SubjectServer, workspaceId: string, status: string): Promise<void> {
  const answered = await isVerified(server, { workspaceId, secret: 'nobody' }).then(
    () => 'a result',
    (error: Error) => error.message,
  )
  if (!answered.includes(`answered with ${status}`)) throw new Error(`in place of ${status}: ${answered}`)
}
