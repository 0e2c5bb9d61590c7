import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { RotationScene } from './rotation-scene.ts'
import { hasTerminal, sitDown } from './run-in-terminal.ts'
import { Served } from './served.ts'

let served: Served

beforeAll(async () => {
  served = await Served.start()
})

afterAll(() => served.end())

describe.skipIf(!hasTerminal)('cutover rotate on a terminal (skipped where there is no `script`)', () => {
  it('draws how traffic moves and who is left on 80 columns, and what is left on the screen says how it ended', async () => {
    await using rotation = await RotationScene.set(served)
    await rotation.client.identitySecrets.edit(rotation.old.id, { name: `Spring ${'and a long name '.repeat(8)}` })
    rotation.startTraffic('a source with a very long name that goes on and on…')
    const sitting = sitDown(
      ['rotate', rotation.old.id, '--out', rotation.deployed, '--quiet-seconds', '3', '--timeout', '25'],
      rotation.env,
    )
    await sitting.sees('still signing with the old one (1):')
    await sitting.sees('that it takes')
    expect(await sitting.ended).toBe(0)
    expect(sitting.shown()).toMatch(/ old {2}[█░]{40} {2} *\d+ % {2}\d+ {2}\d+ Spring and/)
    expect(sitting.shown()).toMatch(/ new {2}[█░]{40} {2} *\d+ %/)
    expect(sitting.shown()).toContain(`Deleted secret ${rotation.old.id}`)
    // What it draws anew; the lines before and after it may wrap.
    const drawn = sitting
      .shown()
      .split('\r\n')
      .filter((line) => line.startsWith('  '))
    expect(Math.max(...drawn.map((line) => line.length))).toBeLessThanOrEqual(80)
  })
})
