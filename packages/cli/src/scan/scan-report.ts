import { onOneLine } from '../ui/table.ts'
import type { Place } from './findings.ts'
import type { Judgement, LeakState } from './judge.ts'
import type { Scanned } from './scan.ts'

export interface Leak extends Judgement {
  readonly places: readonly Place[]
}

export interface ScanResult extends Omit<Scanned, 'secrets'> {
  readonly leaks: readonly Leak[]
  readonly identitySecretsLookedFor: boolean
}

/** One finding for each place, for `jq '.findings[]'`. */
export function scanJson({ leaks, ...scanned }: ScanResult): object {
  return { findings: leaks.flatMap(({ places, ...leak }) => places.map((place) => ({ ...leak, ...place }))), scanned }
}

export function scanText(result: ScanResult): string {
  return [...result.leaks.map(leakText), summary(result)].join('\n\n')
}

const kinds = {
  access_token: 'access token',
  integrator_secret: 'integrator secret',
  identity_secret: 'identity secret',
} as const satisfies Record<Judgement['kind'], string>

const states = {
  active: 'active: it verifies',
  disabled: 'disabled',
  retiring: 'retiring: it still verifies',
  expired: 'expired',
  deleted: 'deleted',
  current: 'the current one, which signs',
  not_accepted: 'no integrator of this workspace signs with it',
  accepted: 'accepted',
  refused: 'refused: it has ended or was revoked',
  unknown: 'whether it is still accepted was not asked',
} as const satisfies Record<LeakState, string>

function leakText({ kind, masked, fingerprint, state, id, name, command, places }: Leak): string {
  const title = [kinds[kind], masked, `(${fingerprint})`].join(' ')
  const owner = [id, name === null ? null : `"${onOneLine(name)}"`].filter((each) => each !== null).join(' ')
  return [
    title,
    `  ${owner === '' ? '' : `${owner}, `}${states[state]}`,
    ...placesText(places).map((line) => `  ${line}`),
    `  ${nextText(command)}`,
  ].join('\n')
}

function nextText(command: string | null): string {
  if (command === null) return 'dead: nothing to rotate'
  return command === 'cutover tokens list' ? `next: ${command}, then cutover tokens rotate ID` : `next: ${command}`
}

const mostPlaces = 10

function placesText(places: readonly Place[]): readonly string[] {
  const more = places.length - mostPlaces
  const shown = places.slice(0, mostPlaces).map(placeText)
  return more > 0 ? [...shown, `and ${more} more: --json lists all`] : shown
}

function placeText({ in: kind, path, line, commit, committedAt, object }: Place): string {
  if (kind === 'commit_message') return `commit ${short(commit)}, in its message`
  if (kind === 'tag_message') return `tag ${short(object)}, in its message`
  if (kind === 'file') return `${onOneLine(path ?? '')}:${line}`
  if (path === null) return `object ${short(object)}:${line}, in no commit`
  return `${onOneLine(path)}:${line} since commit ${short(commit)} of ${committedAt?.slice(0, 10)}`
}

function short(id: string | null): string {
  return id?.slice(0, 12) ?? ''
}

function summary({ leaks, files, bytes, binaryFiles, history }: ScanResult): string {
  const read = `${count(files, 'file')}, ${megabytes(bytes)}`
  const passed = binaryFiles === 0 ? '' : `, ${binaryFiles} of them binary`
  const past =
    history === null ? '' : `, and ${count(history.objects, 'object')} of the history, ${megabytes(history.bytes)}`
  const found = leaks.length === 0 ? 'No leaked secret' : count(leaks.length, 'leaked secret')
  return `${found} in ${read}${passed}${past}.`
}

export function count(number: number, what: string): string {
  return `${number} ${what}${number === 1 ? '' : 's'}`
}

function megabytes(bytes: number): string {
  return `${(bytes / 1_000_000).toFixed(1)} MB`
}
