import { randomBytes } from 'node:crypto'
import { CutoverClient, type CutoverClientOptions } from '@cutover/client'
import { IntegratorClient, type IntegratorClientOptions } from '@cutover/client/integrator'
import { type InProcess, type InProcessOptions, startInProcess } from '../../server/test/in-process.ts'

/** A whole server in this process that is asked over TCP, with the machine's clock unless a test sets one. */
export interface ListeningCutover extends InProcess {
  readonly baseUrl: string
  /** As the first token, in the first workspace, unless the options say otherwise. */
  client(options?: Partial<CutoverClientOptions>): CutoverClient
  integrator(
    options: Pick<IntegratorClientOptions, 'key' | 'secret'> & Partial<IntegratorClientOptions>,
  ): IntegratorClient
}

export async function startListening(options: InProcessOptions = {}): Promise<ListeningCutover> {
  const cutover = await startInProcess({ system: { nowMs: Date.now, randomBytes }, ...options })
  const baseUrl = await cutover.app.listen({ host: '127.0.0.1', port: 0 })
  return Object.assign(cutover, {
    baseUrl,
    client: (given: Partial<CutoverClientOptions> = {}) =>
      new CutoverClient({ baseUrl, token: cutover.token, workspace: cutover.workspaceId, ...given }),
    integrator: (given: Pick<IntegratorClientOptions, 'key' | 'secret'> & Partial<IntegratorClientOptions>) =>
      new IntegratorClient({ baseUrl, ...given }),
  })
}

/** What `call` rejects with, which must be an `Expected`. */
export async function rejection<Expected extends Error>(
  call: Promise<unknown>,
  kind: abstract new (...parameters: never[]) => Expected,
): Promise<Expected> {
  const error: unknown = await call.then(
    () => new Error('it resolved'),
    (reason: unknown) => reason,
  )
  if (error instanceof kind) return error
  throw new Error(`rejected with something else than a ${kind.name}`, { cause: error })
}
