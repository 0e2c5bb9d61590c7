import { expect, it, onTestFinished } from 'vitest'
import { Caller } from './caller.ts'
import { CheckedBalancer } from './checked-balancer.ts'
import { type CalledCutover, createInstallation } from './installation.ts'
import { Probe } from './probe.ts'
import { SteadyVerifications } from './steady-verifications.ts'

const checkEveryMs = 100
const askEveryMs = 8
/** Of the balancer's looks several, on a machine that is busy with other tests. */
const environment = { CUTOVER_DRAIN_MS: '1500' }

it('a rolling restart fails no verification', { timeout: 120_000 }, async () => {
  const installation = await createInstallation('postgres')
  const nodes = await Promise.all([installation.start(environment), installation.start(environment)])
  const balancer = await CheckedBalancer.start(checkEveryMs, onTestFinished)
  for (const { address } of nodes) await balancer.add(address)
  const { secret } = await new Caller(balancer.address, installation.token).create('Rolling')
  const load = new SteadyVerifications(balancer.address, installation.token, secret, askEveryMs)

  for (const node of nodes) {
    await hasVerified(node)
    const [exit, successor] = await Promise.all([node.kill('SIGTERM'), installation.start(environment)])
    expect(exit).toEqual({ code: 0, signal: null })
    await balancer.add(successor.address)
    await hasVerified(successor)
  }

  const { '200 true': verified = 0, ...others } = await load.stop()
  expect(others).toEqual({})
  expect(verified).toBeGreaterThan(300)
})

async function hasVerified({ address }: CalledCutover): Promise<void> {
  const probe = await Probe.open(address)
  await expect.poll(() => probe.acceptedCount(), { timeout: 5000 }).toBeGreaterThan(0)
  probe.close()
}
