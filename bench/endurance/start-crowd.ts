import { join } from 'node:path'
import { forkPinned, nextMessage, stop } from '../processes.ts'
import type { Crowd, CrowdFigures, CrowdResult } from './crowd.ts'

/** Fails when any answer was wrong. */
export async function meetCrowd(core: number | null, crowd: Crowd): Promise<CrowdFigures> {
  const child = forkPinned(core, join(import.meta.dirname, 'crowd-generator.ts'))
  try {
    child.send(crowd)
    const result = (await nextMessage(child)) as CrowdResult // sound: crowd-generator.ts sends nothing else
    if ('fault' in result) throw new Error(`a crowd on ${crowd.path}: ${result.fault}`)
    return result
  } finally {
    await stop(child)
  }
}
