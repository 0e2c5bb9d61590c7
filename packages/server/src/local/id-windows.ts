import type { IdWindow } from '../storage/sealed-rows-repository.ts'

/** As many as one statement reads in a moment. */
const windowIds = 10_000

/** All ids up to `last`, in order. */
export function* idWindows(last: number): Generator<IdWindow> {
  for (let after = 0; after < last; after += windowIds) yield { after, until: Math.min(after + windowIds, last) }
}
