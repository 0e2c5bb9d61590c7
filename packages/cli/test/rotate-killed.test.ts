import { once } from 'node:events'
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { secretFingerprint } from '@cutover/signing'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type FatalMoment, FatalProxy } from './fatal-proxy.ts'
import { RotationScene } from './rotation-scene.ts'
import { Served } from './served.ts'

const quiet = ['--quiet-seconds', '2']
const finished = ['--deploy', 'cat > deployed', '--check', 'true', ...quiet]

/** What ends the first run: a request at which it dies, or a hook that kills what started it. */
const ends: readonly [moment: string, how: FatalMoment | readonly string[]][] = [
  ['before the successor is asked for', { when: 'before', method: 'POST', path: /\/rotate$/ }],
  ['with the successor made and its answer lost', { when: 'after', method: 'POST', path: /\/rotate$/ }],
  ['before the end of the old secret is taken back', { when: 'before', method: 'POST', path: /\/cancel-retirement$/ }],
  ['by the deploy command, before it has done anything', ['--deploy', 'kill -9 $PPID', '--check', 'true']],
  [
    'by the deploy command, after it has done everything',
    ['--deploy', 'cat > deployed; kill -9 $PPID', '--check', 'true'],
  ],
  ['while it checks', ['--deploy', 'cat > deployed', '--check', 'kill -9 $PPID']],
  ['while it watches', { when: 'before', method: 'GET', path: /\/cutover/ }],
  ['before the old secret is deleted', { when: 'before', method: 'DELETE', path: /\?ifQuietForSeconds=2$/ }],
  ['with the old secret deleted and the answer lost', { when: 'after', method: 'DELETE', path: /./ }],
]

let served: Served

beforeAll(async () => {
  served = await Served.start()
})

afterAll(() => served.end())

describe.concurrent('cutover rotate ends in the same single result after it was killed with SIGKILL', {
  timeout: 90_000,
}, () => {
  it.each(ends)('%s', async (_moment, how) => {
    await using rotation = await RotationScene.set(served)
    rotation.startTraffic()
    const moment = 'when' in how ? how : null
    await using proxy = await FatalProxy.start(served.url, moment)
    const child = rotation.start('when' in how ? finished : [...how, ...quiet], { CUTOVER_URL: proxy.url })
    proxy.aim(child)
    expect((await once(child, 'close'))[1]).toBe('SIGKILL')
    expect(proxy.killed).toBe(moment === null ? 0 : 1)

    const again = await rotation.rotate(finished, { CUTOVER_URL: proxy.url })
    expect(again).toMatchObject({ code: 0 })

    const [old, successor, ...others] = await rotation.secrets()
    expect([old?.state, successor?.state, others]).toEqual(['deleted', 'active', []])
    expect(secretFingerprint(await readFile(rotation.deployed, 'utf8'))).toBe(successor?.fingerprint)
    expect(rotation.rejected).toBe(0)
    const states = await readdir(join(rotation.directory, 'state/cutover/rotations'))
    expect(states.filter((name) => !name.endsWith('.lock'))).toEqual([])
  })
})
