import type { IdentitySecret } from '@cutover/contract'
import { isLive, isOverdue } from './secret-queries.ts'

export const secretFilters = ['live', 'active', 'retiring', 'disabled', 'overdue', 'expired', 'deleted', 'all'] as const
export type SecretFilter = (typeof secretFilters)[number]

export function isFilter(value: string | null): value is SecretFilter {
  return value !== null && secretFilters.some((each) => each === value)
}

/** The list of live ones is short; the dead are fetched when somebody asks for them. */
export const needsTheDead = (filter: SecretFilter) => filter === 'expired' || filter === 'deleted' || filter === 'all'

export function matching(secrets: readonly IdentitySecret[], filter: SecretFilter, text: string): IdentitySecret[] {
  const wanted = text.trim().toLowerCase()
  return secrets.filter((secret) => isIn(secret, filter) && (wanted === '' || says(secret, wanted)))
}

function isIn(secret: IdentitySecret, filter: SecretFilter): boolean {
  if (filter === 'all') return true
  if (filter === 'live') return isLive(secret)
  return filter === 'overdue' ? isOverdue(secret) : secret.state === filter
}

function says({ id, name, fingerprint }: IdentitySecret, wanted: string): boolean {
  return id === wanted || name.toLowerCase().includes(wanted) || fingerprint.includes(wanted)
}
