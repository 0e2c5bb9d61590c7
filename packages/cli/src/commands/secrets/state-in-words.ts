import type { IdentitySecret } from '@cutover/contract'
import { exactly, secondsSince, shortSpan } from '../../ui/times.ts'

type Timed = Pick<IdentitySecret, 'state' | 'expiresAt' | 'enableAt'>

/** `retiring (3h)`: the state, with how long it lasts where that is known. */
export function stateInShort({ state, expiresAt, enableAt }: Timed, nowMs: number): string {
  const until = state === 'retiring' ? expiresAt : state === 'disabled' ? enableAt : null
  return until === null ? state : `${state} (${shortSpan(-secondsSince(until, nowMs))})`
}

/** The state in words, with what comes next. */
export function stateInWords({ state, expiresAt, enableAt }: Timed, nowMs: number): string {
  if (state === 'retiring' && expiresAt !== null) return `retiring, accepted until ${exactly(expiresAt, nowMs)}`
  if (state === 'disabled' && enableAt !== null) return `disabled, accepted again from ${exactly(enableAt, nowMs)}`
  return state
}

export const isOverdue = ({ rotationDueAt }: { readonly rotationDueAt: string | null }, nowMs: number) =>
  rotationDueAt !== null && Date.parse(rotationDueAt) <= nowMs
