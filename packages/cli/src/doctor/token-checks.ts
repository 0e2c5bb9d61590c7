import type { CutoverClient } from '@cutover/client'
import type { AccessToken, Health } from '@cutover/contract'
import { collect } from '../collect.ts'
import { exactly, secondsSince } from '../ui/times.ts'
import { are, type Check, ok, problem, someOf, warning } from './check.ts'

const soonSeconds = 14 * 86_400
const urgentSeconds = 86_400

/** The token that this command was given. */
export function judgeOwnToken({ tokenName, scopes, expiresAt }: Health, nowMs: number): readonly Check[] {
  const isInstance = scopes.includes('manage_workspaces')
  const kind = isInstance
    ? warning(
        'token',
        `"${tokenName}" is an instance token: it may do everything in every workspace`,
        'for daily work take one of the workspace: cutover tokens create --preset …',
      )
    : ok('token', `"${tokenName}" may: ${scopes.join(' ')}`)
  return expiresAt === null ? [kind] : [kind, judgeEnd(expiresAt, nowMs)]
}

function judgeEnd(expiresAt: string, nowMs: number): Check {
  const leftSeconds = -secondsSince(expiresAt, nowMs)
  const summary = `the token ends at ${exactly(expiresAt, nowMs)}`
  const remedy = 'make another one before: cutover tokens rotate'
  if (leftSeconds < urgentSeconds) return problem('token-end', summary, remedy)
  return leftSeconds < soonSeconds ? warning('token-end', summary, remedy) : ok('token-end', summary)
}

/** Every token of the workspace. */
export async function checkTokens({ accessTokens }: CutoverClient): Promise<readonly Check[]> {
  return judgeTokens(await collect(accessTokens.all()), Date.now())
}

export function judgeTokens(tokens: readonly AccessToken[], nowMs: number): readonly Check[] {
  const accepted = tokens.filter(({ state }) => state !== 'expired')
  return [judgeScopes(accepted), judgePurposes(accepted), judgeEnds(accepted, nowMs), judgeAges(accepted, nowMs)].flat()
}

function judgeScopes(tokens: readonly AccessToken[]): Check {
  const wide = tokens.filter(({ unusedScopes }) => unusedScopes !== null && unusedScopes.length > 0)
  if (wide.length === 0) return ok('token-scopes', 'no token is known to hold scopes that it does not use')
  const unused = wide.map(({ name, unusedScopes }) => `${name}: ${unusedScopes?.join(' ')}`)
  return warning(
    'token-scopes',
    `${are(wide.length, 'token holds', 'tokens hold')} scopes that were not used in 30 days (${someOf(unused)})`,
    'make one without them, put it in place, and revoke the old one: cutover tokens create --scope …',
  )
}

/** What a token is labelled for, and what it may do besides. */
function judgePurposes(tokens: readonly AccessToken[]): readonly Check[] {
  const mayWrite = ({ scopes }: AccessToken) => scopes.some((scope) => scope.startsWith('write_'))
  const writers = tokens.filter((token) => token.environment === 'development' && mayWrite(token))
  const verifiers = tokens.filter(
    (token) => token.environment === 'production' && token.scopes.includes('verify') && mayWrite(token),
  )
  const remedy = (preset: string) => `replace it: cutover tokens create --preset ${preset}, then revoke the old one`
  return [
    ...(writers.length === 0
      ? []
      : [warning('token-development', `tokens for development may write: ${namesOf(writers)}`, remedy('development'))]),
    ...(verifiers.length === 0
      ? []
      : [
          warning(
            'token-production',
            `tokens for production verify and may write as well: ${namesOf(verifiers)}`,
            remedy('production-verifier'),
          ),
        ]),
  ]
}

function judgeEnds(tokens: readonly AccessToken[], nowMs: number): Check {
  const ending = tokens.filter(({ expiresAt, lastUsedAt }) => {
    const endsSoon = expiresAt !== null && -secondsSince(expiresAt, nowMs) < soonSeconds
    return endsSoon && lastUsedAt !== null && secondsSince(lastUsedAt, nowMs) < soonSeconds
  })
  if (ending.length === 0) return ok('tokens-ending', 'no token that is in use ends within 14 days')
  const summary = `${are(ending.length, 'token that is in use ends', 'tokens that are in use end')} within 14 days: ${namesOf(ending)}`
  return warning('tokens-ending', summary, 'give their programs new ones: cutover tokens list shows when they end')
}

function judgeAges(tokens: readonly AccessToken[], nowMs: number): Check {
  const overdue = tokens.filter((token) => {
    return token.state === 'active' && token.rotationDueAt !== null && Date.parse(token.rotationDueAt) <= nowMs
  })
  if (overdue.length === 0) return ok('tokens-overdue', 'no token is older than the policy allows')
  const summary = `${are(overdue.length, 'token is', 'tokens are')} older than the policy allows: ${namesOf(overdue)}`
  return warning('tokens-overdue', summary, 'cutover tokens rotate ID --old-valid-for SECONDS')
}

const namesOf = (tokens: readonly AccessToken[]) => someOf(tokens.map(({ name }) => name))
