import { createKeyset, verifyUserHash } from '@cutover/signing'
import { type Cores, pinnedTo } from './cores.ts'
import { countPerSecond } from './count-per-second.ts'
import { isSignedBy } from './create-hmac.ts'
import type { Finding } from './finding.ts'
import { interleave } from './interleave.ts'
import type { Effort } from './options.ts'
import { forge, makeSecret, type Signed, signUsers } from './sample.ts'
import { median, medianRatio } from './statistics.ts'
import { aimedAt } from './targets.ts'

const users = 1024

/** In this process, one secret: verifyUserHash beside createHmac and timingSafeEqual. */
export async function measureVerify(effort: Effort, cores: Cores): Promise<Finding[]> {
  const secret = makeSecret()
  const samples = signUsers(secret, users)
  const keyset = createKeyset([{ id: 'only', secret }])
  const isVerified = ({ userId, userHash }: Signed) => verifyUserHash(keyset, userId, userHash).verified
  if (samples.map(forge).some(isVerified)) throw new Error('a forged user hash was verified')

  const contenders = {
    cutover: countPerSecond(samples, effort.inProcessRoundMs, isVerified),
    createHmac: countPerSecond(samples, effort.inProcessRoundMs, (sample) => isSignedBy(secret, sample)),
  }
  const { cutover, createHmac } = await pinnedTo(cores.subject, () => interleave(contenders, effort.inProcessRounds))
  const finding: Finding = {
    unit: 'verifications/s',
    subject: { what: 'verify in process, 1 secret', figure: median(cutover), rounds: cutover },
    baseline: { what: 'createHmac + timingSafeEqual', figure: median(createHmac), rounds: createHmac },
    ratio: medianRatio(cutover, createHmac),
    ...aimedAt('verify'),
    cautions: [],
  }
  return [finding]
}
