import { setTimeout as pause } from 'node:timers/promises'
import type { InjectOptions } from 'fastify'
import { expect, it } from 'vitest'
import { askServer } from '../../../test/ask-server.ts'
import { startInProcess } from '../../../test/in-process.ts'
import { workFor } from '../../../test/work-for.ts'

it('verifications that may have waited for two seconds are shed, and a delete, a list and a probe are not; after the round, none', async () => {
  await using cutover = await startInProcess()
  const payload = { name: 'Leaked', supports_web: true }
  const { id } = (await cutover.call({ method: 'POST', url: '/secure_mode_secrets', payload })).json()
  const headers = { authorization: `Bearer ${cutover.token}` }
  const statusOf = async (request: InjectOptions) => {
    const { statusCode } = await askServer(cutover.app, { ...request, headers })
    return statusCode
  }
  const begun = statusOf({ method: 'GET', url: '/livez' })
  await new Promise<void>(process.nextTick)
  // No timer fires before all that follows has been asked: it is one round.
  workFor(2200)
  const statuses = await Promise.all([
    ...['/v1/verifications', '/v1/verifications/batch', '/v1/request-verifications'].map((url) =>
      statusOf({ method: 'POST', url, payload: {} }),
    ),
    statusOf({ method: 'GET', url: '/secure_mode_secrets' }),
    statusOf({ method: 'GET', url: '/livez' }),
    statusOf({ method: 'DELETE', url: `/secure_mode_secrets/${id}` }),
  ])
  expect(await begun).toBe(200)
  expect(statuses).toEqual([503, 503, 503, 200, 200, 204])
  await pause(1)
  expect(await statusOf({ method: 'POST', url: '/v1/verifications', payload: { platform: 'web' } })).toBe(200)
})
