import { ApiError, type CutoverClient } from '@cutover/client'

/** The first half: everybody may sign with either secret for a day. Run again after a crash, it makes no third one. */
export async function startRotation(cutover: CutoverClient, id: string, runId: string) {
  const { secret } = await cutover.identitySecrets.rotate(id, { graceSeconds: 86_400 }, { idempotencyKey: runId })
  return secret
}

/** The second: ends the old one, unless somebody still signs with it. */
export async function finishRotation(cutover: CutoverClient, id: string): Promise<string> {
  try {
    await cutover.identitySecrets.delete(id, { ifQuietForSeconds: 3600 })
    return 'done'
  } catch (error) {
    if (!(error instanceof ApiError && error.code === 'secret_in_use')) throw error
    const { sources } = await cutover.identitySecrets.cutover(id)
    return `still in use by ${sources.map(({ source }) => source ?? 'somebody unnamed').join(', ')}`
  }
}
