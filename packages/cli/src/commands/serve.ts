import { Command, InvalidArgumentError } from 'commander'

interface ServeOptions {
  readonly workers?: string
  readonly demo?: boolean
  readonly acceptStoreRollback?: boolean
}

const mostWorkers = 64

/** `cutover serve`: the server, with its settings from the environment. A worker is this same command line again. */
export function serveCommand(): Command {
  return new Command('serve')
    .description('start Cutover; its settings are environment variables (docs/configuration.md)')
    .option('--workers <n>', `so many processes on one port, 1 to ${mostWorkers}`, parseWorkers)
    .option('--demo', 'fill an empty store with simulated clients, in the middle of a rotation')
    .option('--accept-store-rollback', 'go on with an older store: disables every secret, revokes every token')
    .action(async ({ workers, demo = false, acceptStoreRollback = false }: ServeOptions) => {
      const { serve } = await import('@cutover/server/serve')
      await serve([
        ...(workers === undefined ? [] : ['--workers', workers]),
        ...(demo ? ['--demo'] : []),
        ...(acceptStoreRollback ? ['--accept-store-rollback'] : []),
      ])
    })
}

function parseWorkers(text: string): string {
  if (/^[1-9][0-9]?$/.test(text) && Number(text) <= mostWorkers) return text
  throw new InvalidArgumentError(`It is a number from 1 to ${mostWorkers}.`)
}
