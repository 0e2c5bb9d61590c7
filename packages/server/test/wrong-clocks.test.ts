import { existsSync } from 'node:fs'
import { describe, expect, it, onTestFinished } from 'vitest'
import { createInstallation } from './installation.ts'
import { Probe, showIntegrator } from './probe.ts'

const libfaketime = [
  '/usr/lib/x86_64-linux-gnu/faketime/libfaketime.so.1',
  '/usr/lib/aarch64-linux-gnu/faketime/libfaketime.so.1',
  '/usr/lib64/faketime/libfaketime.so.1',
].find(existsSync)

const reason = libfaketime === undefined ? ' — SKIPPED: there is no libfaketime here (apt-get install faketime)' : ''

/** A process whose wall clock is off, and whose monotonic clock is not. */
function clockOff(by: string): Readonly<Record<string, string>> {
  return { LD_PRELOAD: libfaketime ?? '', FAKETIME: by, FAKETIME_DONT_FAKE_MONOTONIC: '1' }
}

const lateMs = 50
/** Early by as much as a renewal takes to be answered, on a machine that is busy with other tests. */
const earlyMs = 300

interface Asked {
  readonly invokedMs: number
  readonly answeredMs: number
  readonly taken: string
}

describe.skipIf(libfaketime === undefined)(`nodes whose wall clocks are ten minutes off${reason}`, () => {
  it('end a grace period when the store says so, all at one moment, and tell the time of the store', async () => {
    const installation = await createInstallation('postgres')
    const environment = { CUTOVER_LEASE_MS: '2000', CUTOVER_RATE_LIMIT_PER_MINUTE: '0' }
    const right = await installation.start(environment)
    const [ahead, behind] = await Promise.all(
      ['+10m', '-10m'].map((by) => installation.start({ ...environment, ...clockOff(by) })),
    )
    if (!ahead || !behind) throw new Error('three are started')
    const probes = await Promise.all([right, ahead, behind].map(({ address }) => Probe.open(address)))
    onTestFinished(() => {
      for (const probe of probes) probe.close()
    })
    const integrator = JSON.parse(
      (await ahead.caller.call('POST', '/v1/integrators', { body: { name: 'Partner' } })).text,
    )
    expect(Math.abs(Date.now() - Date.parse(integrator.createdAt))).toBeLessThan(30_000)
    const answer = await behind.caller.call('POST', '/v1/integrator/regenerate-secret', {
      headers: { 'x-integrator-key': integrator.key },
      body: { oldSecretValidForSeconds: 3 },
    })
    const endMs = Date.parse(JSON.parse(answer.text).oldSecretExpiresAt)
    const histories = await Promise.all(
      probes.map(async (probe) => {
        const history: Asked[] = []
        while (history.at(-1)?.taken !== 'refused' || Date.now() < endMs + 500) {
          const invokedMs = Date.now()
          const taken = await probe.askKept(showIntegrator(integrator))
          history.push({ invokedMs, answeredMs: Date.now(), taken })
        }
        return history
      }),
    )
    for (const history of histories) {
      const late = history.filter(({ taken, invokedMs }) => taken !== 'refused' && invokedMs > endMs + lateMs)
      const early = history.filter(({ taken, answeredMs }) => taken !== 'accepted' && answeredMs < endMs - earlyMs)
      expect({ late, early }).toEqual({ late: [], early: [] })
      expect(history.filter(({ taken }) => taken === 'accepted').length).toBeGreaterThan(10)
    }
    const { data } = JSON.parse((await behind.caller.call('GET', '/v1/nodes')).text)
    expect(data).toHaveLength(3)
    for (const { startedAt } of data) expect(Math.abs(Date.now() - Date.parse(startedAt))).toBeLessThan(60_000)
    const { data: entries } = JSON.parse((await ahead.caller.call('GET', '/v1/audit-log')).text)
    for (const { timestamp } of entries) expect(Math.abs(Date.now() - Date.parse(timestamp))).toBeLessThan(60_000)
  })
})
