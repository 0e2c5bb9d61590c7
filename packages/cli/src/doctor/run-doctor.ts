import type { CutoverClient } from '@cutover/client'
import type { Health } from '@cutover/contract'
import { failureOf } from '../failure-of.ts'
import { type Check, lookAt, problem, skipped } from './check.ts'
import { checkEnforcement } from './enforcement-checks.ts'
import { checkNodes } from './node-checks.ts'
import { checkSecrets } from './secret-checks.ts'
import { checkClock, checkReachable } from './server-checks.ts'
import { checkTls } from './tls-check.ts'
import { checkTokens, judgeOwnToken } from './token-checks.ts'

export interface Patient {
  readonly client: CutoverClient
  readonly baseUrl: string
  readonly hasToken: boolean
}

/** Looks at all there is to look at, from the outside in. */
export async function runDoctor({ client, baseUrl, hasToken }: Patient): Promise<readonly Check[]> {
  const reachable = await checkReachable(client, baseUrl)
  const outside = [...reachable, await checkTls(baseUrl)]
  if (reachable[0]?.status !== 'ok') return outside
  return [...outside, await checkClock(baseUrl), ...(await checkInside(client, hasToken))]
}

async function checkInside(client: CutoverClient, hasToken: boolean): Promise<readonly Check[]> {
  if (!hasToken) return [problem('token', 'there is no access token', 'set CUTOVER_TOKEN, or log in: cutover login')]
  let health: Health
  let ownToken: readonly Check[]
  try {
    health = await client.health()
    ownToken = judgeOwnToken(health, Date.now())
  } catch (error) {
    const { message, hint } = failureOf(error)
    return [problem('token', `the token was not taken: ${message}`, hint ?? 'log in again: cutover login')]
  }
  const nodes = await lookAt('nodes', 'manage_workspaces', () => checkNodes(client))
  if (health.workspaceId === null) return [...ownToken, ...nodes, noWorkspace]
  const looks = [
    lookAt('token-scopes', 'read_access_tokens', () => checkTokens(client)),
    lookAt('secrets', 'read_secure_mode_secret', () => checkSecrets(client)),
    lookAt('enforcement', 'read_settings', () => checkEnforcement(client)),
  ]
  return [...ownToken, ...(await Promise.all(looks)).flat(), ...nodes]
}

const noWorkspace = skipped('workspace', 'there are several workspaces', 'say which one: --workspace ws_…')
