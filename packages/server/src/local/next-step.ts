import type { MasterKeyStatus, Serving } from './master-key-status.ts'

/** What a rotation of the master key has to do next; `nodes` are those that have to be restarted before anything else. */
export type NextStep =
  | { readonly step: 'add'; readonly words: string }
  | { readonly step: 'restart'; readonly nodes: readonly string[]; readonly words: string }
  | { readonly step: 'reseal'; readonly words: string }
  | { readonly step: 'drop'; readonly keyIds: readonly string[]; readonly words: string }
  | { readonly step: 'configure'; readonly keyIds: readonly string[]; readonly words: string }

export type Situation = Omit<MasterKeyStatus, 'next'> & { readonly serving: Serving }

/** The order of a rotation: a new key, on every node, under which all is sealed, so that the old one may go. */
export function nextStep(situation: Situation): NextStep {
  const { keys, source } = situation
  const [first, ...others] = keys
  if (first === undefined) throw new Error('there is no set of master keys without a key')
  const needed = others.filter(({ state }) => state === 'admitted' || state === 'retired')
  const missing = needed.filter(({ isConfigured }) => !isConfigured).map(({ kid }) => kid)
  if (missing.length > 0) {
    return { step: 'configure', keyIds: missing, words: `Add ${list(missing)} to ${source}: the store needs it.` }
  }
  if (first.state === 'retired') {
    const admitted = needed.filter(({ state }) => state === 'admitted').map(({ kid }) => kid)
    const words = `Put ${list(admitted)} first in ${source}: ${first.kid} was rotated away and seals no more.`
    return { step: 'configure', keyIds: admitted, words }
  }
  if (others.length === 0 && first.state === 'admitted') {
    return { step: 'add', words: 'Nothing. To begin a rotation: cutover master-key rotate.' }
  }
  return restart(situation, first.kid) ?? (first.state === 'admitted' && !needed.some(isInUse) ? drop() : reseal())

  function reseal(): NextStep {
    return { step: 'reseal', words: `Seal everything under ${first?.kid}: cutover master-key rotate.` }
  }

  function drop(): NextStep {
    const keyIds = others.map(({ kid }) => kid)
    const words =
      `${list(keyIds)} may go: cutover master-key rotate --drop-old. ` +
      'Keep a copy apart for as long as you would restore a backup from before.'
    return { step: 'drop', keyIds, words }
  }
}

function restart({ nodes, source, serving }: Situation, kid: string): NextStep | null {
  if (serving === 'nobody') return null
  // A server that has only begun to start, or one of a release that does not tell its keys.
  if (nodes.length === 0) {
    return { step: 'restart', nodes: [], words: `Restart the server, so that it has ${kid}, then run this again.` }
  }
  const behind = nodes.filter(({ keyIds }) => keyIds[0] !== kid).map(({ nodeId }) => nodeId)
  if (behind.length === 0) return null
  const words =
    `Restart ${list(behind)}${behind.length === 1 ? '' : ', one after the other'}, with the keys of ${source} in this ` +
    `order (${kid} first). Then run cutover master-key rotate again.`
  return { step: 'restart', nodes: behind, words }
}

function isInUse({ state, secrets, keptAnswers, auditKey }: MasterKeyStatus['keys'][number]): boolean {
  return state === 'admitted' || secrets > 0 || keptAnswers > 0 || auditKey
}

function list(names: readonly string[]): string {
  return names.join(', ')
}
