import type { LightMyRequestResponse } from 'fastify'
import { describe, expect, it } from 'vitest'
import { expectProblem, IdentitySecrets, type SecretAction } from '../../test/identity-secrets.ts'
import { engines, startInProcess } from '../../test/in-process.ts'
import type { SecretState } from './identity-secret.ts'

type Outcome = 'changed' | 'so already' | { readonly impossible: string }

const impossible = (why: string): Outcome => ({ impossible: why })
const disabled = impossible('The secret is disabled')
const expired = impossible('The secret is expired')
const deleted = impossible('The secret is deleted')
const undeleted = impossible('The secret is not deleted')

interface Step {
  readonly action: SecretAction | 'edit'
  readonly body: object
  readonly outcomes: Readonly<Record<SecretState, Outcome>>
}

const steps: readonly Step[] = [
  {
    action: 'edit',
    body: { name: 'Summer' },
    outcomes: { active: 'changed', disabled: 'changed', retiring: 'changed', expired: 'changed', deleted },
  },
  {
    action: 'edit',
    body: { name: 'Spring', platforms: { web: true } },
    outcomes: { active: 'so already', disabled: 'so already', retiring: 'so already', expired: 'so already', deleted },
  },
  {
    action: 'disable',
    body: {},
    outcomes: { active: 'changed', disabled: 'so already', retiring: 'changed', expired, deleted },
  },
  {
    action: 'disable',
    body: { revertAfterSeconds: 60 },
    outcomes: { active: 'changed', disabled: 'changed', retiring: 'changed', expired, deleted },
  },
  {
    action: 'enable',
    body: {},
    outcomes: { active: 'so already', disabled: 'changed', retiring: 'so already', expired, deleted },
  },
  {
    action: 'retire',
    body: { afterSeconds: 600 },
    outcomes: { active: 'changed', disabled: 'changed', retiring: 'changed', expired, deleted },
  },
  {
    action: 'retire',
    body: { afterSeconds: 0 },
    outcomes: { active: 'changed', disabled: 'changed', retiring: 'changed', expired: 'so already', deleted },
  },
  {
    action: 'cancel-retirement',
    body: {},
    outcomes: { active: 'so already', disabled: 'so already', retiring: 'changed', expired, deleted },
  },
  {
    action: 'restore',
    body: {},
    outcomes: {
      active: undeleted,
      disabled: 'so already',
      retiring: undeleted,
      expired: undeleted,
      deleted: 'changed',
    },
  },
  {
    action: 'rotate',
    body: {},
    outcomes: { active: 'changed', disabled, retiring: 'changed', expired, deleted },
  },
]

async function reach(secrets: IdentitySecrets, state: SecretState): Promise<string> {
  const { id } = await secrets.create()
  if (state === 'disabled') await secrets.after(id, 'disable')
  if (state === 'retiring') await secrets.after(id, 'retire', { afterSeconds: 60 })
  if (state === 'expired') await secrets.after(id, 'retire', { afterSeconds: 0 })
  if (state === 'deleted') await secrets.delete(id)
  expect((await secrets.read(id)).state).toBe(state)
  return id
}

function take(secrets: IdentitySecrets, id: string, { action, body }: Step): Promise<LightMyRequestResponse> {
  return action === 'edit' ? secrets.edit(id, body) : secrets.act(id, action, body)
}

const states: readonly SecretState[] = ['active', 'disabled', 'retiring', 'expired', 'deleted']
const environment = { CUTOVER_RATE_LIMIT_PER_MINUTE: '0', CUTOVER_MAX_ACTIVE_SECRETS: '100' }

describe.each(engines)('on %s', (engine) => {
  it.each(states)(
    'of what can be asked of a secret that is %s, each is done, is so already, or is refused with a sentence',
    async (state) => {
      await using cutover = await startInProcess({ engine, environment })
      const secrets = new IdentitySecrets(cutover)
      for (const step of steps) {
        const id = await reach(secrets, state)
        const before = { secret: await secrets.read(id), entries: await secrets.entries(id) }
        const response = await take(secrets, id, step)
        const outcome = step.outcomes[state]
        const isChanged = outcome === 'changed'
        if (typeof outcome === 'object') expectProblem(response, 409, 'invalid_state', outcome.impossible)
        else expect([step, response.statusCode]).toEqual([step, step.action === 'rotate' ? 201 : 200])
        const after = { secret: await secrets.read(id), entries: await secrets.entries(id) }
        expect(after.entries.length - before.entries.length).toBe(isChanged ? 1 : 0)
        if (!isChanged) expect(after.secret).toEqual(before.secret)
      }
    },
  )

  it.each(states)(
    'what was done to a secret that was %s is done once: a repeat is answered alike, and not recorded',
    async (state) => {
      await using cutover = await startInProcess({ engine, environment })
      const secrets = new IdentitySecrets(cutover)
      for (const step of steps.filter(({ action, outcomes }) => action !== 'rotate' && outcomes[state] === 'changed')) {
        const id = await reach(secrets, state)
        const first = await take(secrets, id, step)
        const entries = await secrets.entries(id)
        const again = await take(secrets, id, step)
        expect([again.statusCode, again.json()]).toEqual([200, first.json()])
        expect(again.headers['cutover-revocation-epoch']).toBe(first.headers['cutover-revocation-epoch'])
        expect(first.headers['cutover-revocation-epoch']).toMatch(/^[1-9][0-9]*$/)
        expect(await secrets.entries(id)).toEqual(entries)
      }
    },
  )

  it('every change of a secret is recorded with its action, its token and its request', async () => {
    await using cutover = await startInProcess({ engine, environment })
    const secrets = new IdentitySecrets(cutover)
    const { id, createdBy } = await secrets.create()
    const answers = [
      await secrets.edit(id, { name: 'Summer' }),
      await secrets.act(id, 'disable'),
      await secrets.act(id, 'enable'),
      await secrets.act(id, 'retire', { afterSeconds: 60 }),
      await secrets.act(id, 'cancel-retirement'),
      await secrets.act(id, 'rotate'),
      await secrets.delete(id),
      await secrets.act(id, 'restore'),
    ]
    const entries = (await secrets.entries(id)).slice(1)
    expect(entries.map(({ action, requestId }) => [action, requestId])).toEqual(
      ['edited', 'disabled', 'enabled', 'retired', 'retirement_canceled', 'rotated', 'deleted', 'restored'].map(
        (action, index) => [`identity_secret.${action}`, answers[index]?.headers['x-request-id']],
      ),
    )
    const epochs = answers.map(({ headers }) => Number(headers['cutover-revocation-epoch']))
    expect(entries.map(({ metadata }) => metadata['epoch'])).toEqual(epochs)
    expect(new Set(entries.map(({ actor }) => actor.id))).toEqual(new Set([createdBy]))
  })
})

describe('a request to change a secret', () => {
  it.each<[SecretAction, object, string]>([
    ['disable', { revertAfterSeconds: 59 }, 'revertAfterSeconds must be at least 60'],
    ['disable', { revertAfterSeconds: 86_401 }, 'revertAfterSeconds must be at most 86400'],
    ['disable', { revertAfterSeconds: '60' }, 'revertAfterSeconds must be an integer'],
    ['disable', { afterSeconds: 60 }, 'afterSeconds is not a known field'],
    ['retire', {}, 'afterSeconds is required'],
    ['retire', { afterSeconds: -1 }, 'afterSeconds must be at least 0'],
    ['retire', { afterSeconds: 2_592_001 }, 'afterSeconds must be at most 2592000'],
    ['retire', { afterSeconds: null }, 'afterSeconds must be an integer'],
  ])('%s with %j is refused: %s', async (action, body, detail) => {
    await using cutover = await startInProcess()
    const secrets = new IdentitySecrets(cutover)
    const { id } = await secrets.create()
    expectProblem(await secrets.act(id, action, body), 422, 'validation_failed', detail)
    expect(await secrets.entries(id)).toHaveLength(1)
  })

  it.each(['0', '01', 'x', '999', '9'.repeat(19), '9'.repeat(20), '%00'])('of the id %s finds nothing', async (id) => {
    await using cutover = await startInProcess()
    const secrets = new IdentitySecrets(cutover)
    const read = await cutover.call({ url: `/v1/identity-secrets/${id}` })
    const answers = [read, await secrets.edit(id, { name: 'a' }), await secrets.act(id, 'restore')]
    for (const answer of [...answers, await secrets.act(id, 'rotate'), await secrets.delete(id)]) {
      expectProblem(answer, 404, 'not_found', 'There is no such secret')
    }
  })

  it('without a body where one is needed is refused', async () => {
    await using cutover = await startInProcess()
    const secrets = new IdentitySecrets(cutover)
    const { id } = await secrets.create()
    const response = await cutover.call({ method: 'POST', url: `/v1/identity-secrets/${id}/retire` })
    expectProblem(response, 400, 'body_malformed', 'Request body is empty')
  })

  it('of the id of an integrator’s secret finds nothing', async () => {
    await using cutover = await startInProcess()
    const secrets = new IdentitySecrets(cutover)
    await cutover.call({ method: 'POST', url: '/v1/integrators', payload: { name: 'Acme' } })
    const [row] = await cutover.cutover.opened.db.selectFrom('signing_secrets').select('id').execute()
    const id = String(row?.id)
    const answers = [await secrets.act(id, 'disable'), await secrets.delete(id), await secrets.act(id, 'rotate')]
    expect(answers.map(({ statusCode }) => statusCode)).toEqual([404, 404, 404])
  })
})
