import type { Finding, Unit } from '../finding.ts'
import { interleave } from '../interleave.ts'
import { median, medianRatio } from '../statistics.ts'
import type { ScaleStore } from './scale-store.ts'

/** What one round measured in one store, by the name of each figure. */
export type Figures<Name extends string> = Readonly<Record<Name, number>>

/** Round by round, from the smallest store to the largest. */
export type FiguresBySize<Name extends string> = readonly {
  readonly size: number
  readonly rounds: readonly Figures<Name>[]
}[]

/** Measures all stores in turn, round after round. */
export async function overSizes<Name extends string, Store extends Pick<ScaleStore, 'size'>>(
  stores: readonly Store[],
  rounds: number,
  measure: (store: Store) => Promise<Figures<Name>>,
): Promise<FiguresBySize<Name>> {
  const measured = stores.map((store) => ({ size: store.size, rounds: [] as Figures<Name>[] }))
  const contenders = stores.map((store, index) => [
    String(store.size),
    async () => {
      measured[index]?.rounds.push(await measure(store))
      return 0
    },
  ])
  await interleave(Object.fromEntries(contenders), rounds)
  // The first of each is the warm-up.
  for (const each of measured) each.rounds.shift()
  return measured
}

export interface Described {
  readonly what: string
  readonly unit: Unit
  /** What a figure grows with, and the least of it. */
  readonly over?: { readonly name: string; readonly first: string }
}

const overSecrets = { name: 'secrets', first: 'empty store' }

/** The largest beside the first, and the curve between them. */
export function curveFinding<Name extends string>(
  bySize: FiguresBySize<Name>,
  name: Name,
  { what, unit, over = overSecrets }: Described,
): Finding {
  const points = bySize.map(({ size, rounds }) => {
    const figures = rounds.map((figuresOfRound) => figuresOfRound[name])
    return { at: size, figure: median(figures), rounds: figures }
  })
  const [first, last] = [points[0], points.at(-1)]
  if (!first || !last) throw new RangeError('nothing was measured')
  return {
    unit,
    subject: {
      what: `${what}, ${last.at.toLocaleString('en')} ${over.name}`,
      figure: last.figure,
      rounds: last.rounds,
    },
    baseline: { what: over.first, figure: first.figure, rounds: first.rounds },
    ratio: medianRatio(last.rounds, first.rounds),
    target: null,
    curve: { what, over: over.name, points },
    cautions: [],
  }
}
