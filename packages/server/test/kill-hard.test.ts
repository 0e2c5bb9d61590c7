import { randomInt } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { createInstallation, engines } from './installation.ts'
import { RandomChanges } from './random-changes.ts'
import { brokenPromises } from './read-history.ts'

const kills = 5
const changesBetweenKills = 40

/** On PostgreSQL the first change after each kill outwaits the lease of the one that was killed. */
const environment = {
  CUTOVER_MAX_ACTIVE_SECRETS: '1000',
  CUTOVER_RATE_LIMIT_PER_MINUTE: '0',
  CUTOVER_LEASE_MS: '2000',
}

/** To repeat the choices of a run that failed, set this to the seed that it told. */
const seed = Number(process.env['KILL_HARD_SEED'] ?? randomInt(2 ** 31))

describe.each(engines)('kill −9 in the middle of 200 random creates and deletes, on %s', (engine) => {
  it('leaves all that was acknowledged, and of everything else all or nothing', { timeout: 90_000 }, async () => {
    const installation = await createInstallation(engine)
    const changes = new RandomChanges(seed)
    const restart = async (when: string) => {
      // Nothing has looked at the store between the kill and the recovery that this start does.
      const cutover = await installation.start(environment)
      expect(await changes.faults(cutover.caller), when).toEqual([])
      expect(await installation.read((db) => brokenPromises(db, engine)), when).toEqual([])
      return cutover
    }
    for (let kill = 1; kill <= kills; kill += 1) {
      const cutover = await restart(`before kill ${kill} with seed ${seed}`)
      await changes.runUntilKilled(cutover, changesBetweenKills)
    }
    const last = await restart(`after the last kill with seed ${seed}`)
    expect(await changes.repeatUnanswered(last.caller), `seed ${seed}`).toEqual([])
    expect(await changes.faults(last.caller), `seed ${seed}`).toEqual([])
    expect(await installation.read((db) => brokenPromises(db, engine)), `seed ${seed}`).toEqual([])

    const { acknowledged, killedInFlight } = changes.counts()
    expect(acknowledged).toBeGreaterThanOrEqual(kills * changesBetweenKills)
    expect(killedInFlight).toBeGreaterThanOrEqual(kills)
  })
})
