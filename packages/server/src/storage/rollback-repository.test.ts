import { expect, it } from 'vitest'
import { IdentitySecrets } from '../../test/identity-secrets.ts'
import { engines, startInProcess } from '../../test/in-process.ts'

it.each(engines)(
  'with an older store on %s no secret is accepted any more, nor comes back by itself',
  async (engine) => {
    await using cutover = await startInProcess({ engine })
    const secrets = new IdentitySecrets(cutover)
    const [untouched, back, away] = [await secrets.create(), await secrets.create(), await secrets.create()]
    await secrets.after(back.id, 'disable', { revertAfterSeconds: 60 })
    cutover.clock.nowMs += 60_000
    await secrets.after(away.id, 'disable', { revertAfterSeconds: 60 })
    const verdicts = () => Promise.all([untouched, back, away].map(({ secret }) => secrets.verifies(secret)))
    expect(await verdicts()).toEqual([true, true, false])

    const { store, node } = cutover.cutover
    await store.transaction((tx) => tx.rollback.disableAllSecrets(cutover.clock.nowMs))
    node.dropAll()
    expect(await verdicts()).toEqual([false, false, false])
    cutover.clock.nowMs += 60_000
    expect(await verdicts()).toEqual([false, false, false])
    expect((await secrets.list()).data.map(({ state, enableAt }) => [state, enableAt])).toEqual(
      Array.from({ length: 3 }, () => ['disabled', null]),
    )
  },
)
