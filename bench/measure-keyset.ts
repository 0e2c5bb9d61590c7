import { createKeyset, verifyUserHash } from '@cutover/signing'
import { type Cores, pinnedTo } from './cores.ts'
import { countPerSecond } from './count-per-second.ts'
import type { Finding } from './finding.ts'
import { type Contender, interleave } from './interleave.ts'
import type { Effort } from './options.ts'
import { makeSecret, signUsers } from './sample.ts'
import { median, medianRatio } from './statistics.ts'
import { aimedAt } from './targets.ts'

const users = 1024

/** In this process: two, five and twenty live secrets beside one. All are compared, whichever matches. */
export async function measureKeyset(effort: Effort, cores: Cores): Promise<Finding[]> {
  const contenders = {
    one: verifyAgainst(1, effort),
    two: verifyAgainst(2, effort),
    five: verifyAgainst(5, effort),
    twenty: verifyAgainst(20, effort),
  }
  const rounds = await pinnedTo(cores.subject, () => interleave(contenders, effort.inProcessRounds))
  const besideOne = (secrets: number, figures: readonly number[]): Finding => ({
    unit: 'verifications/s',
    subject: { what: `verify in process, ${secrets} secrets`, figure: median(figures), rounds: figures },
    baseline: { what: '1 secret', figure: median(rounds.one), rounds: rounds.one },
    ratio: medianRatio(figures, rounds.one),
    target: null,
    cautions: [],
  })
  return [
    { ...besideOne(2, rounds.two), ...aimedAt('two secrets') },
    besideOne(5, rounds.five),
    besideOne(20, rounds.twenty),
  ]
}

/** Signed with the newest secret, the last in the keyset. */
function verifyAgainst(secrets: number, effort: Effort): Contender {
  const signing = Array.from({ length: secrets }, (_, index) => ({ id: index, secret: makeSecret() }))
  const keyset = createKeyset(signing)
  const newest = secrets - 1
  const samples = signUsers(signing[newest]?.secret ?? '', users)
  return countPerSecond(samples, effort.inProcessRoundMs, ({ userId, userHash }) => {
    const answer = verifyUserHash(keyset, userId, userHash)
    return answer.verified && answer.secretId === newest
  })
}
