import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { widthOf } from '../src/ui/text-width.ts'
import { hasTerminal, sitDown } from './run-in-terminal.ts'
import { Served } from './served.ts'

let served: Served
beforeAll(async () => {
  served = await Served.start()
})
afterAll(() => served.end())

const sit = (...parameters: string[]) => sitDown(parameters, served.environment)

async function stateOf(id: string): Promise<string> {
  const { text } = await served.caller.call('GET', `/v1/identity-secrets/${id}`)
  return JSON.parse(text).state
}

describe.runIf(hasTerminal)('somebody who sits before a terminal of 80 columns', () => {
  it('has to type the name of a secret that is deleted by force', async () => {
    const { id } = await served.makeSecret('Spring 2027')
    const hasty = sit('secrets', 'delete', id, '--force')
    await hasty.sees('Type its name')
    hasty.type('y\r')
    expect(await hasty.ended).toBe(3)
    expect([hasty.shown(), await stateOf(id)]).toEqual([expect.stringContaining('error: Nothing was done'), 'active'])
    const sure = sit('secrets', 'delete', id, '--force')
    await sure.sees('Type its name')
    sure.type('Spring 2027\r')
    expect([await sure.ended, await stateOf(id)]).toEqual([0, 'deleted'])
  })

  it('is asked before what cannot be taken back, and No is what Enter says', async () => {
    const { id } = await served.makeSecret('one')
    const asked = sit('secrets', 'retire', id, '--after', '0')
    await asked.sees(`End secret ${id} now, for good?`)
    asked.type('\r')
    expect([await asked.ended, await stateOf(id)]).toEqual([3, 'active'])
    const interrupted = sit('secrets', 'retire', id, '--after', '0')
    await interrupted.sees('for good?')
    interrupted.type('\u0003')
    expect([await interrupted.ended, await stateOf(id)]).toEqual([3, 'active'])
  })

  it('types a secret that is imported without an echo', async () => {
    const importing = sit('secrets', 'create', '--name', 'typed', '--web', '--import')
    await importing.sees('The secret')
    importing.type('a-secret-of-before\r')
    expect(await importing.ended).toBe(0)
    expect(importing.sent()).not.toContain('a-secret-of-before')
    expect((await served.caller.verify('a-secret-of-before')).verified).toBe(true)
  })

  it('sees lines that fit, whatever others named their secrets', async () => {
    await served.makeSecret('x'.repeat(255))
    await served.makeSecret('日本語の名前はとても長い'.repeat(9))
    await served.makeSecret('👍'.repeat(60))
    for (const parameters of [['secrets', 'list'], ['audit', 'list'], ['doctor'], ['secrets', '--help'], ['--help']]) {
      const sitting = sit(...parameters)
      await sitting.ended
      const tooWide = sitting
        .shown()
        .split('\r\n')
        .filter((line) => widthOf(line) > 80)
      expect([parameters, tooWide]).toEqual([parameters, []])
      expect(sitting.shown()).not.toMatch(/\p{Cf}/u)
    }
  })

  it('sees colours, unless NO_COLOR is set', async () => {
    const painted = sit('secrets', 'show', '999999')
    expect(await painted.ended).toBe(1)
    expect(painted.sent()).toContain('\u001b[31merror:\u001b[39m')
    const plain = sitDown(['secrets', 'show', '999999'], { ...served.environment, NO_COLOR: '1' })
    await plain.ended
    expect(plain.sent()).toContain('error: There is no such secret')
    expect(plain.sent()).not.toContain('\u001b')
  })
})
