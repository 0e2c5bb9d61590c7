import { once } from 'node:events'
import { describe, expect, it } from 'vitest'
import { type InProcess, startInProcess } from '../../server/test/in-process.ts'
import { FatalProxy } from './fatal-proxy.ts'
import { RotationScene } from './rotation-scene.ts'

/** After so long no repeat is answered as the first request was. */
const answerKeptMs = 10 * 60_000

const out = (rotation: RotationScene) => ['--out', rotation.deployed, '--quiet-seconds', '2', '--timeout', '1']

/** A successor that was made, and whose secret nobody has seen; and too late for its answer to come again. */
async function loseAnswer(cutover: InProcess) {
  const address = await cutover.app.listen({ host: '127.0.0.1', port: 0 })
  const rotation = await RotationScene.set({ url: address, token: cutover.token })
  const proxy = await FatalProxy.start(address, { when: 'after', method: 'POST', path: /\/rotate$/ })
  const env = { CUTOVER_URL: proxy.url }
  const child = rotation.start(out(rotation), env)
  proxy.aim(child)
  await once(child, 'close')
  cutover.clock.nowMs += answerKeptMs
  return { rotation, proxy, env }
}

describe('cutover rotate, when the answer that showed the new secret is lost for good', () => {
  it('asks before it deletes the successor that nobody holds: without a terminal it stops with exit code 3', async () => {
    await using cutover = await startInProcess()
    const { rotation, proxy, env } = await loseAnswer(cutover)
    await using _scene = rotation
    await using _proxy = proxy
    const ended = await rotation.rotate(out(rotation), env)
    const [, lost, ...others] = await rotation.secrets()
    expect([ended.code, lost?.state, others]).toEqual([3, 'active', []])
    expect(ended.stderr).toContain(`The secret was rotated already, to ${lost?.id}`)
  })

  it('deletes it with --yes, and makes one whose secret is handed over', async () => {
    await using cutover = await startInProcess()
    const { rotation, proxy, env } = await loseAnswer(cutover)
    await using _scene = rotation
    await using _proxy = proxy
    const ended = await rotation.rotate([...out(rotation), '--yes'], env)
    const [old, lost, successor, ...others] = await rotation.secrets()
    expect(ended.stderr).toContain(`Deleted secret ${lost?.id}: the answer that showed it was lost.`)
    expect([old?.state, lost?.state, successor?.state, others]).toEqual(['active', 'deleted', 'active', []])
    expect(old?.successorId).toBe(successor?.id)
  })

  it('never deletes one that somebody has used, not even with --yes', async () => {
    await using cutover = await startInProcess()
    const { rotation, proxy, env } = await loseAnswer(cutover)
    await using _scene = rotation
    await using _proxy = proxy
    const [, lost] = await rotation.secrets()
    const use = { secretId: Number(lost?.id), firstMs: cutover.clock.nowMs, lastMs: cutover.clock.nowMs }
    await cutover.cutover.store.transaction((tx) => tx.usage.addUses([use]))
    const ended = await rotation.rotate([...out(rotation), '--yes'], env)
    expect([ended.code, (await rotation.secrets())[1]?.state]).toEqual([3, 'active'])
  })
})
