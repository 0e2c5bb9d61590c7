import type { Load } from './exchange.ts'
import { runLoad } from './run-load.ts'

// A process of its own, so that it can have a core of its own.
process.on('message', async (load) => {
  process.send?.(await runLoad(load as Load)) // sound: start-generator.ts sends nothing else
})
process.once('disconnect', () => process.exit())
