import { ApiError } from '@cutover/client'
import { failureOf } from '../failure-of.ts'

export type CheckStatus = 'ok' | 'warning' | 'problem' | 'skipped'

/** One thing that was looked at. */
export interface Check {
  readonly id: string
  readonly status: CheckStatus
  readonly summary: string
  /** What to do about it; `null`: nothing. */
  readonly remedy: string | null
}

export const ok = (id: string, summary: string): Check => ({ id, status: 'ok', summary, remedy: null })
export const warning = (id: string, summary: string, remedy: string): Check => ({
  id,
  status: 'warning',
  summary,
  remedy,
})
export const problem = (id: string, summary: string, remedy: string): Check => ({
  id,
  status: 'problem',
  summary,
  remedy,
})
export const skipped = (id: string, why: string, remedy: string | null = null): Check => {
  return { id, status: 'skipped', summary: `not looked at: ${why}`, remedy }
}

/** Looks at something that has to be asked for; what cannot be asked for is skipped, and stops nothing else. */
export async function lookAt(
  id: string,
  scope: string,
  look: () => Promise<Check | readonly Check[]>,
): Promise<readonly Check[]> {
  try {
    return [await look()].flat()
  } catch (error) {
    if (error instanceof ApiError && error.code === 'token_unauthorized') {
      return [skipped(id, `the token lacks ${scope}`, `run it with a token that has ${scope}`)]
    }
    return [skipped(id, failureOf(error).message)]
  }
}

/** `"a", "b" and 3 more` */
export function someOf(names: readonly string[]): string {
  const shown = names.slice(0, 3).map((name) => `"${name}"`)
  return `${shown.join(', ')}${names.length > shown.length ? ` and ${names.length - shown.length} more` : ''}`
}

export const are = (count: number, singular: string, plural: string) => `${count} ${count === 1 ? singular : plural}`
