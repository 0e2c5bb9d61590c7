import { join } from 'node:path'
import type { BareSettings } from './bare-server.ts'
import { forkPinned, nextMessage, stop } from './processes.ts'
import type { SubjectServer } from './subject-server.ts'

export async function startBare(core: number | null, settings: BareSettings): Promise<SubjectServer> {
  const child = forkPinned(core, join(import.meta.dirname, 'bare-server.ts'))
  child.send(settings)
  const port = (await nextMessage(child)) as number // sound: bare-server.ts sends nothing else
  return { port, token: 'none', [Symbol.asyncDispose]: () => stop(child) }
}
