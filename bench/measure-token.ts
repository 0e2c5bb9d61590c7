import { randomBytes } from 'node:crypto'
import { CredentialCache } from '../packages/server/dist/access-tokens/credential-cache.js'
import { makeAccessToken, tokenHash } from '../packages/server/dist/access-tokens/token-format.js'
import { TokenUses } from '../packages/server/dist/access-tokens/token-uses.js'
import { LookupPool } from '../packages/server/dist/lookup-pool.js'
import { type Arena, connections, verificationPath } from './arena.ts'
import { type Cores, pinnedTo } from './cores.ts'
import { countPerSecond } from './count-per-second.ts'
import type { Finding } from './finding.ts'
import { interleave } from './interleave.ts'
import { loadAndObserve, perCpuSecond } from './observed-load.ts'
import type { Effort } from './options.ts'
import { median, medianRatio } from './statistics.ts'

const goodTokens = 256

/** What `POST /v1/verifications` asks about a token that is in memory, in this process, beside the whole request. */
export async function measureToken(effort: Effort, arena: Arena, cores: Cores): Promise<Finding[]> {
  const tokens = Array.from({ length: goodTokens }, () => makeAccessToken(system))
  const isLetIn = letsIn(await cacheOf(tokens))
  if (isLetIn(makeAccessToken(system))) throw new Error('an unknown token was let in')

  const cautions = new Set<string>()
  const checksPerSecond = countPerSecond(tokens, effort.inProcessRoundMs, isLetIn)
  const load = { path: verificationPath, exchanges: arena.verifications, connections, ratePerSecond: null }
  const requestNs = async () => {
    const observation = await loadAndObserve(arena, arena.cutover, { ...load, durationMs: effort.tokenRoundMs })
    for (const caution of observation.cautions) cautions.add(caution)
    return 1e9 / perCpuSecond(observation)
  }
  const contenders = { check: async () => 1e9 / (await checksPerSecond()), request: requestNs }
  const { check, request } = await pinnedTo(cores.subject, () => interleave(contenders, effort.loadRounds))
  const finding: Finding = {
    unit: 'ns',
    subject: { what: 'token check in process', figure: median(check), rounds: check },
    baseline: { what: 'whole POST /v1/verifications', figure: median(request), rounds: request },
    ratio: medianRatio(check, request),
    target: null,
    cautions: [...cautions],
  }
  return [finding]
}

const system = { nowMs: Date.now, randomBytes }

/** The server's own cache, with these tokens in it and a store that knows no others. */
async function cacheOf(tokens: readonly string[]): Promise<CredentialCache> {
  const stored = new Map(tokens.map((token, index) => [tokenHash(token), credential(index)]))
  const reader = { findByHash: (hash: string) => Promise.resolve(stored.get(hash) ?? null) }
  const uses = new TokenUses({ record: () => Promise.resolve() })
  const cache = new CredentialCache(reader, new LookupPool({ running: 4, waiting: goodTokens }), uses, system, {
    isHeld: () => true,
  })
  for (const token of tokens) await cache.authenticate(token)
  return cache
}

function credential(index: number) {
  return {
    tokenId: `tok_${index}`,
    tokenName: 'bench',
    workspaceId: null,
    scopes: new Set(['verify'] as const),
    environment: null,
    expiresAtMs: null,
  } as const
}

/** As the route does it: recalled and noted when the head arrives, asked again when the body is there. */
function letsIn(cache: CredentialCache): (token: string) => boolean {
  return (token) => {
    const authenticated = cache.recall(token)
    if (!authenticated) return false
    cache.noteUse(authenticated, 'verify')
    return cache.isCurrent(authenticated)
  }
}
