import { toResult } from '../packages/server/dist/http/native/verification-wire.js'
import { UsageCounters } from '../packages/server/dist/usage/usage-counters.js'
import { type Question, verifyFromMemory } from '../packages/server/dist/verification/verify-user.js'
import { WorkspaceKeyset } from '../packages/server/dist/verification/workspace-keyset.js'
import { type Cores, pinnedTo } from './cores.ts'
import { countPerSecond } from './count-per-second.ts'
import type { Finding } from './finding.ts'
import { interleave } from './interleave.ts'
import type { Effort } from './options.ts'
import { makeSecret, signUsers } from './sample.ts'
import { median, medianRatio } from './statistics.ts'

const users = 1024
const sources = 5
const flushEveryMs = 2000
const workspaceId = 'ws_00000000000000000001'

/** In this process: verification from memory with its counting on, beside the same code with a counting that does nothing. */
export async function measureCounting(effort: Effort, cores: Cores): Promise<Finding[]> {
  const secret = makeSecret()
  const questions = signUsers(secret, users).map(
    (signed, index) => ({ platform: 'web', source: `app-${index % sources}`, ...signed }) as const,
  )
  const verify = verifierOf(secret)
  const contenders = {
    counted: countPerSecond(questions, effort.inProcessRoundMs, asTheRoute(verify, flushedCounters())),
    uncounted: countPerSecond(questions, effort.inProcessRoundMs, asTheRoute(verify, noCounters)),
  }
  const figures = await pinnedTo(cores.subject, () => interleave(contenders, effort.inProcessRounds))
  const finding: Finding = {
    unit: 'verifications/s',
    subject: { what: 'verification counted, in process', figure: median(figures.counted), rounds: figures.counted },
    baseline: { what: 'not counted', figure: median(figures.uncounted), rounds: figures.uncounted },
    ratio: medianRatio(figures.counted, figures.uncounted),
    target: { of: 'ratio', atLeast: 0.97 },
    cautions: [],
  }
  return [finding]
}

type Verdict = NonNullable<ReturnType<typeof verifyFromMemory>>

function verifierOf(secret: string): (question: Question) => Verdict {
  const platforms = { web: true, ios: true, android: true }
  const always = { acceptedFromMs: null, expiresAtMs: null }
  const enforcement = { web: 'enforce', ios: 'enforce', android: 'enforce' } as const
  const keyset = new WorkspaceKeyset(enforcement, [{ id: '12', material: secret, platforms, ...always }])
  const ports = { keysets: { held: () => keyset }, lease: { isHeld: () => true }, system }
  return (question) => {
    const verdict = verifyFromMemory(ports, workspaceId, question)
    if (!verdict) throw new Error('a keyset in memory was not used')
    return verdict
  }
}

const system = { nowMs: Date.now, randomBytes: (length: number) => new Uint8Array(length) }

type Counting = Pick<UsageCounters, 'countUse' | 'countOutcome'>

function asTheRoute(verify: (question: Question) => Verdict, usage: Counting) {
  return (question: Question & { readonly source: string }): boolean => {
    const verdict = verify(question)
    const { platform, source } = question
    usage.countOutcome(workspaceId, platform, verdict.verified ? 'verified' : verdict.reason, verdict.atMs)
    if (verdict.verified) usage.countUse(verdict.secret.id, platform, source, verdict.atMs)
    return toResult(verdict).verified
  }
}

const noCounters: Counting = { countUse() {}, countOutcome() {} }

/** Taken from every two seconds, as the flush does. */
function flushedCounters(): Counting {
  const counters = new UsageCounters()
  setInterval(() => counters.take(Date.now()), flushEveryMs).unref()
  return counters
}
