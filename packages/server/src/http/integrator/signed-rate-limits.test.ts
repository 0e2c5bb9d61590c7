import { describe, expect, it } from 'vitest'
import { type InProcess, startInProcess } from '../../../test/in-process.ts'
import {
  askOwn,
  type Call,
  createIntegrator,
  ownPath,
  problemOf,
  regeneration,
  type Signing,
  signed,
} from '../../../test/integrators.ts'

/** Three requests in each window of 10 s. */
const environment = { CUTOVER_RATE_LIMIT_PER_MINUTE: '18' }

async function codes(cutover: InProcess, times: number, make: () => Call): Promise<string[]> {
  const codes = []
  for (let turn = 0; turn < times; turn += 1) {
    const response = await cutover.call(make())
    codes.push(response.statusCode === 200 ? 'accepted' : problemOf(response)[1])
  }
  return codes
}

const wrong = (cutover: InProcess, key: string) => signed(cutover, { key, secret: 'ints_another' }, { url: ownPath })

describe('the rate limit of an integrator', () => {
  it('lets so many signed requests pass in a window, tells each where it stands, and lets the next window pass', async () => {
    await using cutover = await startInProcess({ environment })
    const integrator = await createIntegrator(cutover)
    const own = () => signed(cutover, integrator, { url: ownPath })
    const { headers } = await cutover.call(own())
    expect([headers['x-ratelimit-limit'], headers['x-ratelimit-remaining']]).toEqual(['3', '2'])
    expect(await codes(cutover, 3, own)).toEqual(['accepted', 'accepted', 'rate_limit_exceeded'])
    const refused = await cutover.call(own())
    expect([refused.statusCode, refused.headers['retry-after']]).toEqual([429, '10'])
    expect(refused.headers['x-ratelimit-remaining']).toBe('0')
    cutover.clock.nowMs += 10_000
    expect(await codes(cutover, 1, own)).toEqual(['accepted'])
  })

  it('is its own: neither another integrator nor a token of its workspace uses it up', async () => {
    await using cutover = await startInProcess({ environment })
    const [one, other] = [await createIntegrator(cutover), await createIntegrator(cutover)]
    const own = (by: Signing) => () => signed(cutover, by, { url: ownPath })
    expect(await codes(cutover, 4, own(one))).toEqual([...Array(3).fill('accepted'), 'rate_limit_exceeded'])
    expect(await codes(cutover, 3, own(other))).toEqual(Array(3).fill('accepted'))
  })

  it('refuses a regeneration before its signature is used up, which is good in the next window', async () => {
    await using cutover = await startInProcess({ environment })
    const integrator = await createIntegrator(cutover)
    for (let turn = 0; turn < 3; turn += 1) await askOwn(cutover, integrator)
    const call = regeneration(cutover, integrator)
    expect(problemOf(await cutover.call(call))).toEqual([429, 'rate_limit_exceeded'])
    cutover.clock.nowMs += 10_000
    expect((await cutover.call(call)).statusCode).toBe(200)
  })
})

describe('a flood from one address', () => {
  it.each([
    ['of wrong signatures', wrong],
    ['of unknown keys', (cutover: InProcess) => wrong(cutover, `int_${'a'.repeat(20)}`)],
    ['of unsigned requests', () => ({ url: ownPath, token: null })],
  ])('%s is refused with 429 after as many as bad tokens are', async (_title, make) => {
    await using cutover = await startInProcess({ environment })
    const { key } = await createIntegrator(cutover)
    const results = await codes(cutover, 5, () => make(cutover, key))
    expect(results.slice(3)).toEqual(['rate_limit_exceeded', 'rate_limit_exceeded'])
    expect(results.slice(0, 3)).not.toContain('rate_limit_exceeded')
    const bad = await cutover.call({ url: '/health', token: 'nonsense' })
    expect(bad.statusCode).toBe(429)
  })

  it('does not keep an integrator at that address, whose secrets are in memory, from signing', async () => {
    await using cutover = await startInProcess({ environment })
    const integrator = await createIntegrator(cutover)
    expect((await askOwn(cutover, integrator)).statusCode).toBe(200)
    await codes(cutover, 5, () => wrong(cutover, integrator.key))
    expect((await askOwn(cutover, integrator)).statusCode).toBe(200)
  })

  it('of replays is refused with 429 as well, and none of them tells where the integrator stands', async () => {
    await using cutover = await startInProcess({ environment: { CUTOVER_RATE_LIMIT_PER_MINUTE: '36' } })
    const integrator = await createIntegrator(cutover)
    const call = regeneration(cutover, integrator, 60)
    await cutover.call(call)
    expect(await codes(cutover, 7, () => call)).toEqual([
      ...Array(5).fill('signature_replayed'),
      ...Array(2).fill('rate_limit_exceeded'),
    ])
    cutover.clock.nowMs += 10_000
    const replay = await cutover.call(call)
    const told = Object.keys(replay.headers).filter((name) => /^(x-ratelimit|cutover)-/.test(name))
    expect([...problemOf(replay), told]).toEqual([401, 'signature_replayed', []])
  })
})
