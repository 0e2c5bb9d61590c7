import { readFile, stat } from 'node:fs/promises'
import { setTimeout as pause } from 'node:timers/promises'
import type { CutoverClient } from '@cutover/client'
import { signUserHash } from '@cutover/signing'

export interface SimulatedClientOptions {
  readonly client: CutoverClient
  /** Named in the usage of the secret that it signs with. */
  readonly source: string
  /** Where the customer keeps the secret: `NAME=value`. */
  readonly envFile: string
  readonly variable: string
  /** It is restarted so long after the file has changed, and signs with the old secret until then. */
  readonly restartAfterMs: number
  readonly everyMs: number
}

/**
 * One of a customer's programs: signs the id of a user with the secret that it was started with, and has the vendor
 * verify that, again and again.
 *
 * @returns how many did not verify: somebody was locked out for each
 */
export async function runSimulatedClient(options: SimulatedClientOptions, signal: AbortSignal): Promise<number> {
  const { client, source, everyMs } = options
  let running = await readDeployed(options)
  let rejected = 0
  while (!signal.aborted) {
    const deployed = await readDeployed(options)
    if (deployed.changedAtMs !== running.changedAtMs && Date.now() >= deployed.changedAtMs + options.restartAfterMs) {
      running = deployed
    }
    const userHash = signUserHash(running.secret, source)
    const { verified } = await client.verifications.verify({ platform: 'web', userId: source, userHash, source })
    if (!verified) rejected += 1
    await pause(everyMs, undefined, { signal }).catch(() => {})
  }
  return rejected
}

async function readDeployed({ envFile, variable }: SimulatedClientOptions) {
  const [text, { mtimeMs }] = await Promise.all([readFile(envFile, 'utf8'), stat(envFile)])
  const secret = text.split('\n').find((line) => line.startsWith(`${variable}=`))
  if (secret === undefined) throw new Error(`${envFile} does not set ${variable}`)
  return { secret: secret.slice(variable.length + 1), changedAtMs: mtimeMs }
}
