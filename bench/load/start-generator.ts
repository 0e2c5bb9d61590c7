import { join } from 'node:path'
import { forkPinned, nextMessage, stop } from '../processes.ts'
import type { Load, LoadFigures, LoadResult } from './exchange.ts'

export interface Generator extends AsyncDisposable {
  /** Fails when any answer was not the expected one. */
  run(load: Load): Promise<LoadFigures>
}

export function startGenerator(core: number | null): Generator {
  const child = forkPinned(core, join(import.meta.dirname, 'generator.ts'))
  return {
    async run(load) {
      child.send(load)
      const result = (await nextMessage(child)) as LoadResult // sound: generator.ts sends nothing else
      if ('fault' in result) throw new Error(`load on ${load.path}: ${result.fault}`)
      return result
    },
    [Symbol.asyncDispose]: () => stop(child),
  }
}
