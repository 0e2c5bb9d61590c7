import type { Place } from './findings.ts'
import type { Introduction } from './introductions.ts'

/** Says of each blob where it came from; of several versions of a file, the first that has the secret is left. */
export function withIntroductions(
  places: readonly Place[],
  introductions: ReadonlyMap<string, Introduction>,
): readonly Place[] {
  const first = new Map<string, Place>()
  for (const place of places) {
    const introduced = place.in === 'history' ? introductions.get(place.object ?? '') : undefined
    const dated = introduced ? { ...place, ...introduced } : place
    const key = introduced ? `history ${introduced.path}` : JSON.stringify(place)
    const other = first.get(key)
    if (!other || timeOf(dated) < timeOf(other)) first.set(key, dated)
  }
  return [...first.values()]
}

function timeOf({ committedAt }: Place): number {
  return Date.parse(committedAt ?? '')
}
