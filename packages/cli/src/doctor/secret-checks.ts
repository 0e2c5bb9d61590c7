import type { CutoverClient } from '@cutover/client'
import type { IdentitySecret } from '@cutover/contract'
import { collect } from '../collect.ts'
import { secondsSince } from '../ui/times.ts'
import { are, type Check, ok, problem, someOf, warning } from './check.ts'

const daySeconds = 86_400
const hourSeconds = 3600
const longDisabledSeconds = 7 * daySeconds

/** Few know what they are for; the limit of a workspace is 20 unless its server was told other. */
const manySecrets = 10

export async function checkSecrets({ identitySecrets }: CutoverClient): Promise<readonly Check[]> {
  return judgeSecrets(await collect(identitySecrets.all()), Date.now())
}

/** @param secrets - the live ones */
export function judgeSecrets(secrets: readonly IdentitySecret[], nowMs: number): readonly Check[] {
  if (secrets.length === 0) {
    return [warning('secrets', 'there is no live secret: nothing verifies', 'cutover secrets create --name … --web')]
  }
  return [
    judgeNumber(secrets),
    judgeAges(secrets, nowMs),
    judgeUnused(secrets, nowMs),
    judgeDisabled(secrets, nowMs),
    judgeEndings(secrets, nowMs),
  ]
}

function judgeNumber({ length }: readonly IdentitySecret[]): Check {
  const summary = are(length, 'live secret', 'live secrets')
  if (length <= manySecrets) return ok('secrets', summary)
  return warning(
    'secrets',
    `${summary}: each of them, leaked, signs for every user`,
    'delete those that are not needed',
  )
}

function judgeAges(secrets: readonly IdentitySecret[], nowMs: number): Check {
  const overdue = secrets.filter(({ rotationDueAt }) => rotationDueAt !== null && Date.parse(rotationDueAt) <= nowMs)
  if (overdue.length === 0) return ok('secrets-overdue', 'no secret is older than the policy allows')
  const summary = `${are(overdue.length, 'secret is', 'secrets are')} older than the policy allows: ${namesOf(overdue)}`
  return warning('secrets-overdue', summary, `cutover rotate ${overdue[0]?.id}`)
}

/** A new one has a day to be put in place. */
function judgeUnused(secrets: readonly IdentitySecret[], nowMs: number): Check {
  const unused = secrets.filter(({ lastVerifiedAt, createdAt, state }) => {
    return lastVerifiedAt === null && state === 'active' && secondsSince(createdAt, nowMs) >= daySeconds
  })
  if (unused.length === 0) return ok('secrets-unused', 'no secret lies about unused')
  const summary = `${are(unused.length, 'secret has', 'secrets have')} never verified anything: ${namesOf(unused)}`
  return warning(
    'secrets-unused',
    summary,
    `put it in place, or delete it: cutover secrets delete ${unused[0]?.id} --force`,
  )
}

function judgeDisabled(secrets: readonly IdentitySecret[], nowMs: number): Check {
  const disabled = secrets.filter(({ state, disabledAt }) => {
    return state === 'disabled' && disabledAt !== null && secondsSince(disabledAt, nowMs) >= longDisabledSeconds
  })
  if (disabled.length === 0) return ok('secrets-disabled', 'no secret is disabled for long')
  const summary = `${are(disabled.length, 'secret is', 'secrets are')} disabled for more than 7 days: ${namesOf(disabled)}`
  return warning('secrets-disabled', summary, `nobody missed it: cutover secrets delete ${disabled[0]?.id} --force`)
}

/** Who signs with it in this hour will be refused within a day. */
function judgeEndings(secrets: readonly IdentitySecret[], nowMs: number): Check {
  const ending = secrets.filter(({ state, expiresAt, lastVerifiedAt }) => {
    const endsSoon = state === 'retiring' && expiresAt !== null && -secondsSince(expiresAt, nowMs) < daySeconds
    return endsSoon && lastVerifiedAt !== null && secondsSince(lastVerifiedAt, nowMs) < hourSeconds
  })
  if (ending.length === 0) return ok('secrets-ending', 'no secret that is in use ends within a day')
  const [first] = ending
  return problem(
    'secrets-ending',
    `${are(ending.length, 'secret that is in use ends', 'secrets that are in use end')} within a day: ${namesOf(ending)}`,
    `cutover secrets show ${first?.id} says who uses it; cutover secrets keep ${first?.id} takes the end back`,
  )
}

const namesOf = (secrets: readonly IdentitySecret[]) => someOf(secrets.map(({ name }) => name))
