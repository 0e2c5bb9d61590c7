import { expect, it } from 'vitest'
import { engines, startInProcess } from '../../../test/in-process.ts'

it.each(engines)('a store of the release before it opens on %s, and its keys go on sealing', async (engine) => {
  await using first = await startInProcess({ engine })
  const { opened } = first.cutover
  await opened.db.schema.alterTable('master_key_checks').dropColumn('state').execute()
  await opened.db.schema.dropTable('sessions').execute()
  for (const index of [
    'signing_secrets_of_workspace',
    'signing_secrets_ever_of_integrator',
    'kept_answers_workspace',
  ]) {
    await opened.db.schema.dropIndex(index).execute()
  }
  await opened.db
    // Sound: the table of the migrator, which the schema does not name.
    .deleteFrom('kysely_migration' as never)
    .where('name' as never, '>=', '0006' as never)
    .execute()
  const second = await first.restart()
  expect(await second.cutover.store.read.masterKeys.all()).toMatchObject([{ state: 'admitted' }])
  const body = { name: 'After', supports_web: true, supports_ios: false, supports_android: false }
  const made = await second.call({ method: 'POST', url: '/secure_mode_secrets', body })
  expect(made.statusCode).toBe(201)
})
