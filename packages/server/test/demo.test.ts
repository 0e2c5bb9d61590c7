import { describe, expect, it, onTestFinished } from 'vitest'
import { demoSources, pickSource, shareOf } from '../src/demo/demo-sources.ts'
import type { Caller } from './caller.ts'
import { watchCutover } from './event-reader.ts'
import { createInstallation, engines } from './installation.ts'

const parameters = ['--demo']

async function read(caller: Caller, path: string) {
  const answer = await caller.call('GET', path)
  expect([path, answer.status]).toEqual([path, 200])
  return JSON.parse(answer.text)
}

async function rotationOf(caller: Caller) {
  const { data } = await read(caller, '/v1/identity-secrets')
  const old = data.find((each: { name: string }) => each.name === 'Apps and web, summer')
  return { data, old }
}

describe.each(engines)('the demo on %s', (engine) => {
  it('shows a rotation that is under way, marked as what it is, and goes on with its own store', async () => {
    const installation = await createInstallation(engine)
    const first = await installation.start({}, { parameters })
    const { caller, address } = first
    expect(first.stdout).toContain('This is a demo: its clients are simulated')
    expect(await read(caller, '/health')).toMatchObject({ status: 'ok', demo: true })
    expect((await read(caller, '/v1/workspaces')).data).toMatchObject([{ name: 'Demo' }])
    const { data, old } = await rotationOf(caller)
    expect(data.map((each: { name: string; state: string }) => [each.name, each.state])).toEqual([
      ['Legacy web widget', 'active'],
      ['Kiosk pilot', 'disabled'],
      ['Apps and web, summer', 'retiring'],
      ['Apps and web, autumn', 'active'],
    ])
    const overdue = await read(caller, '/v1/identity-secrets?overdue=true')
    expect(overdue.data).toMatchObject([{ name: 'Legacy web widget', ageDays: 400 }])

    const live = await watchCutover(address, old.id, { authorization: `Bearer ${installation.token}` })
    onTestFinished(() => live.close())
    const isUsed = (event: Awaited<ReturnType<typeof live.next>>, id: string) =>
      event?.minutes.some(({ counts }) => (counts[id] ?? 0) > 0) === true
    let event = await live.next()
    expect(isUsed(event, old.id)).toBe(true)
    expect(event?.sources.length).toBe(demoSources.length)
    while (!isUsed(event, old.successorId)) event = await live.next()
    expect(event?.successors).toEqual([old.successorId])

    const usage = await read(caller, `/v1/identity-secrets/${old.id}/usage?bucket=hour`)
    expect(new Set(usage.data.map((each: { start: string }) => each.start)).size).toBeGreaterThanOrEqual(24)
    const outcomes = await read(caller, '/v1/verifications/outcomes')
    expect(new Set(outcomes.data.map((each: { outcome: string }) => each.outcome)).size).toBeGreaterThanOrEqual(6)
    const { data: integrators } = await read(caller, '/v1/integrators')
    const states = integrators.map((each: { secrets: { state: string }[] }) =>
      each.secrets.map(({ state }) => state).sort(),
    )
    expect(states).toEqual([['current', 'retiring'], ['current']])
    expect((await read(caller, '/v1/audit-log?result=failure')).data.length).toBeGreaterThan(0)
    expect((await read(caller, '/v1/access-tokens')).data.length).toBeGreaterThan(3)
    expect(await first.kill('SIGTERM')).toEqual({ code: 0, signal: null })

    const before = await installation.contents()
    expect(await installation.attempt()).toEqual({
      ...{ code: 1, signal: null, stdout: '' },
      stderr:
        'This store was filled by the demo and is not for real use: start it with --demo, or set CUTOVER_DATA_DIR to a new directory.\n',
    })
    expect(await installation.contents()).toEqual(before)

    const second = await installation.start({}, { parameters })
    const again = await rotationOf(second.caller)
    expect(again.data).toHaveLength(4)
    expect(again.old.id).not.toBe(old.id)
    expect((await read(second.caller, '/v1/access-tokens?instance=true')).data).toHaveLength(2)
    await second.kill('SIGTERM')
  })

  it('leaves a store that is in use as it is', async () => {
    const installation = await createInstallation(engine)
    const real = await installation.start()
    expect(await read(real.caller, '/health')).not.toHaveProperty('demo')
    await real.kill('SIGTERM')
    const before = await installation.contents()
    expect(await installation.attempt({}, { parameters })).toEqual({
      ...{ code: 1, signal: null, stdout: '' },
      stderr:
        'The demo needs an empty store, and this one is in use: set CUTOVER_DATA_DIR to a new directory for it.\n',
    })
    expect(await installation.contents()).toEqual(before)
  })
})

describe('the demo', () => {
  it('is one process', async () => {
    const installation = await createInstallation()
    expect(await installation.attempt({}, { parameters: ['--demo', '--workers', '2'] })).toEqual({
      ...{ code: 1, signal: null, stdout: '' },
      stderr: 'The demo is one process: leave out --workers.\n',
    })
  })

  it('has sources that share all traffic, and move one after the other within ten minutes', () => {
    expect(demoSources.reduce((sum, source) => sum + shareOf(source), 0)).toBeCloseTo(1)
    expect(pickSource(0).name).toBe('web/checkout')
    expect(pickSource(0.999_999).name).toBe('billing-service')
    const moves = demoSources.map(({ movesAfterMs }) => movesAfterMs)
    expect(moves).toEqual([...moves].sort((a, b) => a - b))
    expect(moves.at(-1)).toBe(600_000)
  })
})
