import { crc32 } from 'node:zlib'
import { describe, expect, it } from 'vitest'
import { engines, startInProcess } from '../../../test/in-process.ts'
import { createIntegrator, fingerprintOf, problemOf, regenerate, standing } from '../../../test/integrators.ts'
import { deleteIntegrator } from '../../integrators/delete-integrator.ts'

const create = { method: 'POST', url: '/v1/integrators', payload: { name: ' Acme payouts ' } } as const
const keyed = { ...create, headers: { 'idempotency-key': 'k' } }

describe.each(engines)('of several deletions at once on %s', (engine) => {
  it('one is 204, and none is answered while a signature is still accepted', async () => {
    await using cutover = await startInProcess({ engine })
    const integrator = await createIntegrator(cutover)
    await standing(cutover, integrator)
    const answers = Array.from({ length: 5 }, async () => {
      const { statusCode } = await cutover.call({ method: 'DELETE', url: `/v1/integrators/${integrator.id}` })
      return [statusCode, await standing(cutover, integrator)]
    })
    const told = await Promise.all(answers)
    expect(told.sort()).toEqual([[204, 'signature_invalid'], ...Array(4).fill([404, 'signature_invalid'])])
  })

  it('one that finds it deleted already waits for the barrier of the one that did it', async () => {
    await using cutover = await startInProcess({ engine })
    const { id } = await createIntegrator(cutover)
    const { createdBy } = (await cutover.call({ url: `/v1/integrators/${id}` })).json()
    const first = await cutover.call({ method: 'DELETE', url: `/v1/integrators/${id}` })
    const { store, node } = cutover.cutover
    const awaited: number[] = []
    const passed = async (epoch: number) => {
      awaited.push(epoch)
      await node.passed(epoch)
    }
    const system = { nowMs: () => cutover.clock.nowMs, randomBytes: () => new Uint8Array() }
    const ports = { store, system, lease: node, barrier: { passed }, marks: null, integrators: store.read.integrators }
    const actor = { type: 'access_token', id: createdBy, name: 'a test' } as const
    const command = { workspaceId: cutover.workspaceId, id, actor, requestId: '', ip: '' }
    await expect(deleteIntegrator(ports, command)).rejects.toThrow('integrator_unknown')
    expect(awaited).toEqual([Number(first.headers['cutover-revocation-epoch'])])
  })
})

describe.each(engines)('integrators as an operator manages them, on %s', (engine) => {
  it('a new one has a key, and a secret of 43 base62 digits and their CRC-32 that is shown in this answer alone', async () => {
    await using cutover = await startInProcess({ engine })
    const response = await cutover.call(create)
    expect([response.statusCode, response.headers['cache-control']]).toEqual([201, 'no-store'])
    const { secret, ...shown } = response.json()
    expect(shown).toEqual({
      id: expect.stringMatching(/^itg_[0-9A-Za-z]{20}$/),
      key: expect.stringMatching(/^int_[0-9A-Za-z]{20}$/),
      name: 'Acme payouts',
      createdAt: '2026-11-21T12:00:00.000Z',
    })
    const [, digits = '', checksum = ''] = /^ints_([0-9A-Za-z]{43})([0-9A-Za-z]{6})$/.exec(secret) ?? []
    const alphabet = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz'
    expect([...checksum].reduce((value, digit) => value * 62 + alphabet.indexOf(digit), 0)).toBe(crc32(digits))

    const read = await cutover.call({ url: `/v1/integrators/${shown.id}` })
    expect(read.json()).toEqual({
      ...shown,
      workspaceId: cutover.workspaceId,
      createdBy: expect.stringMatching(/^tok_/),
      secrets: [
        {
          ...{ fingerprint: fingerprintOf(secret), state: 'current', expiresAt: null },
          ...{ createdAt: shown.createdAt, rotationDueAt: null },
        },
      ],
    })
    const listed = await cutover.call({ url: '/v1/integrators' })
    expect(listed.json()).toEqual({ data: [read.json()], nextCursor: null })
    expect(read.body + listed.body).not.toContain(secret)
  })

  it('are listed oldest first and in pages, without those that were deleted', async () => {
    await using cutover = await startInProcess({ engine })
    const made = []
    for (let count = 0; count < 5; count += 1) made.push((await createIntegrator(cutover)).id)
    await cutover.call({ method: 'DELETE', url: `/v1/integrators/${made[1]}` })
    const pages: string[][] = []
    for (let cursor: string | null = ''; cursor !== null; ) {
      const url: string = `/v1/integrators?limit=2${cursor === '' ? '' : `&cursor=${cursor}`}`
      const { data, nextCursor } = (await cutover.call({ url })).json()
      pages.push(data.map(({ id }: { id: string }) => id))
      cursor = nextCursor
    }
    expect(pages).toEqual([
      [made[0], made[2]],
      [made[3], made[4]],
    ])
    for (const query of ['limit=0', 'limit=201', 'limit=x', 'cursor=x', 'other=1']) {
      expect(problemOf(await cutover.call({ url: `/v1/integrators?${query}` }))).toEqual([422, 'validation_failed'])
    }
  })

  it('need read_integrators or read_all to be read, and write_integrators to be made or deleted', async () => {
    await using cutover = await startInProcess({ engine })
    const { id } = await createIntegrator(cutover)
    const { workspaceId } = cutover
    const reads = [{ url: '/v1/integrators' }, { url: `/v1/integrators/${id}` }] as const
    const writes = [create, { method: 'DELETE', url: `/v1/integrators/${id}` }] as const
    const statuses = async (scope: 'read_integrators' | 'read_all' | 'write_integrators' | 'verify') => {
      const token = await cutover.createToken({ scopes: [scope], workspaceId })
      const answers = []
      for (const call of [...reads, ...writes]) answers.push((await cutover.call({ ...call, token })).statusCode)
      return answers
    }
    expect(await statuses('verify')).toEqual([403, 403, 403, 403])
    expect(await statuses('read_integrators')).toEqual([200, 200, 403, 403])
    expect(await statuses('read_all')).toEqual([200, 200, 403, 403])
    expect(await statuses('write_integrators')).toEqual([403, 403, 201, 204])
  })

  it('of another workspace are neither listed, read nor deleted', async () => {
    await using cutover = await startInProcess({ engine })
    const other = await cutover.createWorkspace('Other')
    const named = { 'cutover-workspace': other }
    const integrator = await createIntegrator(cutover, { headers: { 'cutover-workspace': cutover.workspaceId } })
    const url = `/v1/integrators/${integrator.id}`
    expect((await cutover.call({ url: '/v1/integrators', headers: named })).json().data).toEqual([])
    expect(problemOf(await cutover.call({ url, headers: named }))).toEqual([404, 'not_found'])
    expect(problemOf(await cutover.call({ method: 'DELETE', url, headers: named }))).toEqual([404, 'not_found'])
    expect(await standing(cutover, integrator)).toBe('accepted')
  })

  it('that are asked for by an id of any other form are absent', async () => {
    await using cutover = await startInProcess({ engine })
    for (const id of ['1', '%00', 'itg_%00', `itg_${'0'.repeat(20)}`, '%F0%9F%98%80', 'x'.repeat(2000)]) {
      for (const method of ['GET', 'DELETE'] as const) {
        const response = await cutover.call({ method, url: `/v1/integrators/${id}` })
        expect([id.slice(0, 30), ...problemOf(response)]).toEqual([id.slice(0, 30), 404, 'not_found'])
      }
    }
  })

  it('are refused without a name that can be shown, or with a field that is not known', async () => {
    await using cutover = await startInProcess({ engine })
    for (const [payload, field] of [
      [{}, 'name'],
      [{ name: ' ' }, 'name'],
      [{ name: 'a\nb' }, 'name'],
      [{ name: 'x'.repeat(256) }, 'name'],
      [{ name: null }, 'name'],
      [{ name: 'a', secret: 'mine' }, 'secret'],
    ] as const) {
      const response = await cutover.call({ ...create, payload })
      expect(problemOf(response)).toEqual([422, 'validation_failed'])
      expect(response.json().errors).toMatchObject([{ field }])
    }
    expect((await cutover.call({ url: '/v1/integrators' })).json().data).toEqual([])
  })

  it('are made once for one Idempotency-Key, and their kept answer goes with the secret that it shows', async () => {
    await using cutover = await startInProcess({ engine })
    const first = await cutover.call(keyed)
    const repeats = await Promise.all(Array.from({ length: 5 }, () => cutover.call(keyed)))
    expect(new Set(repeats.map(({ body }) => body))).toEqual(new Set([first.body]))
    expect((await cutover.call({ url: '/v1/integrators' })).json().data).toHaveLength(1)
    const other = await cutover.call({ ...keyed, payload: { name: 'Another' } })
    expect(problemOf(other)).toEqual([422, 'idempotency_key_reused'])

    const retiring = await regenerate(cutover, first.json(), 60)
    expect((await cutover.call(keyed)).body).toBe(first.body)
    await regenerate(cutover, retiring)
    expect(problemOf(await cutover.call(keyed))).toEqual([409, 'idempotency_conflict'])
  })

  it('are refused from the answer to their deletion on, which is 404 the second time', async () => {
    await using cutover = await startInProcess({ engine })
    const kept = (await cutover.call(keyed)).json()
    const young = await regenerate(cutover, kept, 60)
    expect([await standing(cutover, kept), await standing(cutover, young)]).toEqual(['accepted', 'accepted'])
    const url = `/v1/integrators/${kept.id}`
    const deleted = await cutover.call({ method: 'DELETE', url })
    expect([deleted.statusCode, deleted.body]).toEqual([204, ''])
    expect(deleted.headers['cutover-revocation-epoch']).toBe(String(cutover.cutover.node.applied))
    const both = [await standing(cutover, kept), await standing(cutover, young)]
    expect(both).toEqual(['signature_invalid', 'signature_invalid'])
    expect(problemOf(await cutover.call({ method: 'DELETE', url }))).toEqual([404, 'not_found'])
    expect(problemOf(await cutover.call({ url }))).toEqual([404, 'not_found'])
    expect(problemOf(await cutover.call(keyed))).toEqual([409, 'idempotency_conflict'])
  })
})
