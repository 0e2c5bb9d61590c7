import type { Minute, StreamedSecret } from './minute.ts'

export interface Moved {
  readonly old: number
  readonly fresh: number
  /** Of both together; `null` where neither verified anything. */
  readonly share: number | null
}

/** How much of the traffic of these two is on the new one. */
export function movedTraffic(minutes: readonly Minute[], oldId: string, newId: string): Moved {
  const old = totalOf(minutes, oldId)
  const fresh = totalOf(minutes, newId)
  return { old, fresh, share: old + fresh === 0 ? null : fresh / (old + fresh) }
}

export function totalOf(minutes: readonly Minute[], id: string): number {
  return minutes.reduce((sum, { counts }) => sum + (counts[id] ?? 0), 0)
}

export interface ChartSeries {
  readonly id: string
  readonly label: string
  readonly color: string
}

/** The old one at the bottom, so that one sees it drain; a secret that is not rotated stands alone. */
export function seriesOf(
  secrets: readonly StreamedSecret[],
  oldId: string,
  newId: string | null,
): readonly ChartSeries[] {
  const old = secrets.find(({ id }) => id === oldId)
  const fresh = secrets.find(({ id }) => id === newId)
  const colored = (secret: StreamedSecret | undefined, color: string) =>
    secret === undefined ? [] : [{ id: secret.id, label: labelOf(secret), color }]
  return [...colored(old, fresh === undefined ? 'var(--new)' : 'var(--old)'), ...colored(fresh, 'var(--new)')]
}

/** Names may be alike, ids are not. */
const labelOf = ({ id, name }: StreamedSecret) => `${name} (${id})`
