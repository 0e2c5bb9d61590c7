/** The states of what is live, by the names that the API has for them. */
export const liveStates = {
  identity_secret: ['active', 'retiring', 'disabled'],
  integrator_secret: ['current', 'retiring'],
  access_token: ['active', 'retiring'],
} as const

export type SecretKind = keyof typeof liveStates
export type LiveState = (typeof liveStates)[SecretKind][number]

export const secretKinds = Object.keys(liveStates) as readonly SecretKind[] // sound: keys of that very object

/** Live secrets, or tokens, of one kind and state, of all workspaces together. */
export interface SecretTally {
  readonly kind: SecretKind
  readonly state: LiveState
  readonly count: number
  /** By the rotation policy of the workspace of each, as the lists with `overdue=true` have it. */
  readonly overdue: number
  readonly oldestMs: number
}

export interface TallyReader {
  /** None for a kind and state that nothing is in. Reads every row: nothing that a request waits for. */
  liveSecrets(nowMs: number): Promise<readonly SecretTally[]>
}
