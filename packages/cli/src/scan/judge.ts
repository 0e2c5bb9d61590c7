import { secretFingerprint } from '@cutover/signing'
import type { TokenAnswer } from './check-tokens.ts'
import type { CandidateKind } from './find-candidates.ts'
import type { KnownSecrets } from './known-secrets.ts'

type IdentityState = 'active' | 'disabled' | 'retiring' | 'expired' | 'deleted'

/**
 * `unknown`: nobody was asked, or nobody may tell. `current` and `retiring` are of an integrator that signs with it;
 * `not_accepted`: no integrator of the workspace does. `accepted` and `refused` say what became of a token when asked.
 */
export type LeakState = IdentityState | 'current' | 'not_accepted' | 'accepted' | 'refused' | 'unknown'

/** What is known of a secret that was found. The secret itself is in no field. */
export interface Judgement {
  readonly kind: CandidateKind
  /** Enough to recognise it by: at most four of its characters at the start and three at the end. */
  readonly masked: string
  readonly fingerprint: string
  readonly state: LeakState
  /** Of the identity secret, the integrator or the token. */
  readonly id: string | null
  readonly name: string | null
  /** What to run next; `null` where it is dead already. */
  readonly command: string | null
}

const deadStates: ReadonlySet<LeakState> = new Set(['expired', 'deleted', 'not_accepted', 'refused'])

export function isDead({ state }: Pick<Judgement, 'state'>): boolean {
  return deadStates.has(state)
}

export function judge(
  { kind, text }: { readonly kind: CandidateKind; readonly text: string },
  known: KnownSecrets,
  tokens: ReadonlyMap<string, TokenAnswer>,
): Judgement {
  const fingerprint = secretFingerprint(text)
  const named = { kind, masked: mask(text), fingerprint }
  if (kind === 'identity_secret') return { ...named, ...identitySecret(fingerprint, known) }
  if (kind === 'integrator_secret') return { ...named, ...integratorSecret(fingerprint, known) }
  return { ...named, ...accessToken(tokens.get(text)) }
}

type Knowledge = Pick<Judgement, 'state' | 'id' | 'name' | 'command'>

function identitySecret(fingerprint: string, { identity }: KnownSecrets): Knowledge {
  const secret = identity?.get(fingerprint)
  if (!secret) return { state: 'unknown', id: null, name: null, command: null }
  const { id, name, state } = secret
  const commands = {
    active: `cutover rotate ${id}`,
    // Its successor is there, or nobody signs with it: it need not live any longer.
    retiring: `cutover secrets delete ${id}`,
    disabled: `cutover secrets delete ${id}`,
    expired: null,
    deleted: null,
  } as const satisfies Record<IdentityState, string | null>
  return { state, id, name, command: commands[state] }
}

function integratorSecret(fingerprint: string, { integrator: known }: KnownSecrets): Knowledge {
  if (known === null) return { state: 'unknown', id: null, name: null, command: 'cutover integrators list' }
  const found = known.get(fingerprint)
  if (!found) return { state: 'not_accepted', id: null, name: null, command: null }
  const { id, name } = found.integrator
  return { state: found.secret.state, id, name, command: `cutover integrators recover ${id}` }
}

function accessToken(answer: TokenAnswer | undefined): Knowledge {
  if (answer?.accepted === false) return { state: 'refused', id: null, name: null, command: null }
  const { id = null, name = null } = answer ?? {}
  const command = id === null ? 'cutover tokens list' : `cutover tokens rotate ${id}`
  return { state: answer ? 'accepted' : 'unknown', id, name, command }
}

function mask(text: string): string {
  const prefix = /^(?:cut|ints)_/.exec(text)?.[0] ?? ''
  const shown = prefix === '' ? 4 : 3
  return `${text.slice(0, prefix.length + shown)}…${text.slice(-3)}`
}
