import type { Crowd } from './crowd.ts'
import { runCrowd } from './run-crowd.ts'

// A process of its own, so that it can have a core of its own.
process.on('message', async (crowd) => {
  process.send?.(await runCrowd(crowd as Crowd)) // sound: start-crowd.ts sends nothing else
})
process.once('disconnect', () => process.exit())
