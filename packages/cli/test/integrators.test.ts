import type { CreatedIntegrator, Integrator } from '@cutover/contract'
import { signRequest } from '@cutover/signing'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { Served } from './served.ts'

let served: Served
beforeAll(async () => {
  served = await Served.start()
})
afterAll(() => served.end())

const make = (name: string) => served.json<CreatedIntegrator>(['integrators', 'create', '--name', name])

async function isAccepted(key: string, secret: string): Promise<boolean> {
  const path = '/v1/integrator'
  const headers = { ...signRequest({ key, secret }, { method: 'GET', path }) }
  return (await served.caller.call('GET', path, { token: null, headers })).status === 200
}

describe('integrators', () => {
  it('are created: the first secret alone on standard output, the key on stderr', async () => {
    const { code, stdout, stderr } = await served.run(['integrators', 'create', '--name', 'Acme'])
    expect([code, stdout]).toEqual([0, expect.stringMatching(/^ints_[0-9A-Za-z]{49}\n$/)])
    const key = /X-Integrator-Key is (int_\w{20})\.$/m.exec(stderr)?.[1] ?? ''
    expect(await isAccepted(key, stdout.trim())).toBe(true)
    expect(served.holding(stdout.trim())).toBe(1)
  })

  it('are listed', async () => {
    const { id, key } = await make('Listed')
    expect((await served.run(['integrators', 'list'])).stdout).toMatch(
      new RegExp(`^${id} +Listed +${key} +1 +\\d+s$`, 'm'),
    )
    const { data } = await served.json<{ data: Integrator[] }>(['integrators', 'list'])
    expect(data.find((each) => each.id === id)).toMatchObject({ name: 'Listed', secrets: [{ state: 'current' }] })
  })

  it('are given a new secret when they lost theirs, once somebody said so', async () => {
    const { id, key, secret } = await make('Lost')
    expect((await served.run(['integrators', 'recover', id])).code).toBe(3)
    expect(await isAccepted(key, secret)).toBe(true)
    const recovered = await served.run(['integrators', 'recover', id, '--yes'])
    expect([recovered.code, recovered.stderr]).toEqual([
      0,
      expect.stringContaining('The one before is refused from now on.'),
    ])
    expect([await isAccepted(key, secret), await isAccepted(key, recovered.stdout.trim())]).toEqual([false, true])
    const graceful = await served.json(['integrators', 'recover', id, '--old-valid-for', '600', '--yes'])
    expect(graceful).toMatchObject({ oldSecretExpiresAt: expect.any(String) })
    expect(await isAccepted(key, recovered.stdout.trim())).toBe(true)
  })

  it('are shown with their secrets, and with whether the older ones may go', async () => {
    const { id, key } = await make('Shown')
    await served.json(['integrators', 'recover', id, '--old-valid-for', '600', '--yes'])
    const { stdout } = await served.run(['integrators', 'show', id])
    expect(stdout).toMatch(new RegExp(`^id +${id}\nname +Shown\nkey +${key}\n`))
    expect(stdout).toMatch(/^sha256:[0-9a-f]{16} +current +\S+( ago)? +no end +0$/m)
    expect(stdout).toMatch(/^sha256:[0-9a-f]{16} +retiring +\S+( ago)? +in 9m +0$/m)
    expect(stdout).toMatch(/^verdict +unknown$/m)
    expect(await served.json(['integrators', 'show', id])).toMatchObject({
      id,
      usage: [],
      cutover: { verdict: 'unknown' },
    })
  })

  it('are deleted once somebody said so, and not while they sign if that is asked for', async () => {
    const { id, key, secret } = await make('Gone')
    expect(await isAccepted(key, secret)).toBe(true)
    expect((await served.run(['integrators', 'delete', id])).code).toBe(3)
    const inUse = await served.run(['integrators', 'delete', id, '--if-quiet-for', '3600', '--yes'])
    expect([inUse.code, await isAccepted(key, secret)]).toEqual([3, true])
    const deleted = await served.json(['integrators', 'delete', id, '--yes'])
    expect(deleted).toEqual({ id, name: 'Gone', deleted: true, revocationEpoch: expect.any(Number) })
    expect(await isAccepted(key, secret)).toBe(false)
  })
})
