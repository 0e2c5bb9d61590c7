import { createHash, createHmac } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { engines, type InProcess, startInProcess } from '../../../test/in-process.ts'
import {
  createIntegrator,
  currentSecrets,
  fingerprintOf,
  problemOf,
  regeneratePath,
  type Signing,
  standing,
} from '../../../test/integrators.ts'

interface RawBody {
  readonly payload: string | Buffer
  readonly contentType?: string | null
}

let timestamp = 0

/** Signed by hand over exactly these bytes. */
function send(cutover: InProcess, by: Signing, { payload, contentType = 'application/json' }: RawBody) {
  timestamp = Math.max(timestamp + 1, cutover.clock.nowMs)
  const bodyHash = createHash('sha256').update(payload).digest('hex')
  const message = `${timestamp}.POST.${regeneratePath}.${bodyHash}`
  return cutover.call({
    method: 'POST',
    url: regeneratePath,
    token: null,
    payload,
    headers: {
      ...(contentType === null ? {} : { 'content-type': contentType }),
      'x-integrator-key': by.key,
      'x-timestamp': String(timestamp),
      'x-signature': `sha256=${createHmac('sha256', by.secret).update(message).digest('hex')}`,
    },
  })
}

describe.each(engines)('the body of a regeneration on %s', (engine) => {
  it('that asks for no grace, or for nothing that is known, leaves none', async () => {
    await using cutover = await startInProcess({ engine })
    let signing: Signing = await createIntegrator(cutover)
    const bodies: RawBody[] = [
      { payload: '{}' },
      { payload: '' },
      { payload: '', contentType: null },
      { payload: '', contentType: 'text/plain' },
      { payload: '{"reason":"leak","validFor":60,"nested":{"a":[1]}}' },
      { payload: '{"oldSecretValidForSeconds":0}' },
      { payload: '{"oldSecretValidForSeconds":-0}' },
      { payload: '{"oldSecretValidForSeconds":0}', contentType: 'application/json; charset=utf-8' },
    ]
    for (const body of bodies) {
      const response = await send(cutover, signing, body)
      expect([body, response.statusCode, response.headers['cache-control']]).toEqual([body, 200, 'no-store'])
      expect(response.json()).toEqual({ secret: expect.stringMatching(/^ints_[0-9A-Za-z]{49}$/) })
      expect(response.headers['cutover-revocation-epoch']).toBe(String(cutover.cutover.node.applied))
      expect(await standing(cutover, signing)).toBe('signature_invalid')
      signing = { ...response.json(), key: signing.key }
      expect(await standing(cutover, signing)).toBe('accepted')
    }
  })

  it('that asks for some seconds of grace leaves as much, and no millisecond less', async () => {
    await using cutover = await startInProcess({ engine })
    let signing: Signing = await createIntegrator(cutover)
    for (const [seconds, graceMs] of [
      [0.5, 500],
      [0.0001, 1],
      [60, 60_000],
      [3600, 3_600_000],
    ] as const) {
      const response = await send(cutover, signing, { payload: `{"oldSecretValidForSeconds":${seconds}}` })
      const oldSecretExpiresAt = new Date(cutover.clock.nowMs + graceMs).toISOString()
      expect(response.json()).toEqual({ secret: expect.stringMatching(/^ints_/), oldSecretExpiresAt })
      cutover.clock.nowMs += graceMs - 1
      expect([seconds, await standing(cutover, signing)]).toEqual([seconds, 'accepted'])
      cutover.clock.nowMs += 1
      expect([seconds, await standing(cutover, signing)]).toEqual([seconds, 'signature_invalid'])
      signing = { ...response.json(), key: signing.key }
    }
  })

  it('that asks for a grace that there is not is refused, and changes nothing', async () => {
    await using cutover = await startInProcess({ engine })
    const integrator = await createIntegrator(cutover)
    const refusals: [string, string][] = [
      ['-1', 'must be at least 0'],
      ['-0.001', 'must be at least 0'],
      ['3601', 'must be at most 3600'],
      ['3600.0001', 'must be at most 3600'],
      ['1e400', 'must be at most 3600'],
      ['-1e400', 'must be at least 0'],
      ['"60"', 'must be a number'],
      ['null', 'must be a number'],
      ['true', 'must be a number'],
      ['[60]', 'must be a number'],
    ]
    for (const [value, rest] of refusals) {
      const response = await send(cutover, integrator, { payload: `{"oldSecretValidForSeconds":${value}}` })
      expect([value, ...problemOf(response)]).toEqual([value, 422, 'validation_failed'])
      const message = `oldSecretValidForSeconds ${rest}`
      expect(response.json().errors).toEqual([{ field: 'oldSecretValidForSeconds', message }])
    }
    expect(await currentSecrets(cutover, integrator.id)).toEqual([fingerprintOf(integrator.secret)])
    expect(await standing(cutover, integrator)).toBe('accepted')
  })

  it('that is no JSON object in UTF-8 is refused once its signature is found good, and changes nothing', async () => {
    await using cutover = await startInProcess({ engine })
    const integrator = await createIntegrator(cutover)
    const refusals: [RawBody, number, string][] = [
      [{ payload: '{' }, 400, 'body_malformed'],
      [{ payload: '[]' }, 400, 'body_malformed'],
      [{ payload: 'null' }, 400, 'body_malformed'],
      [{ payload: '"x"' }, 400, 'body_malformed'],
      [{ payload: Buffer.from([0x7b, 0xff, 0x7d]) }, 400, 'body_malformed'],
      [{ payload: `{"a":${'['.repeat(40)}${']'.repeat(40)}}` }, 400, 'body_malformed'],
      [{ payload: '{}', contentType: null }, 415, 'unsupported_media_type'],
      [{ payload: '{}', contentType: 'text/plain' }, 415, 'unsupported_media_type'],
      [{ payload: '{}', contentType: 'application/jsonp' }, 415, 'unsupported_media_type'],
      [{ payload: '{}', contentType: 'nonsense' }, 415, 'unsupported_media_type'],
      [{ payload: '{}', contentType: 'application/json; charset=utf-16' }, 415, 'unsupported_media_type'],
      [{ payload: 'a=b', contentType: 'application/x-www-form-urlencoded' }, 415, 'unsupported_media_type'],
    ]
    for (const [body, ...expected] of refusals) {
      expect([body, ...problemOf(await send(cutover, integrator, body))]).toEqual([body, ...expected])
      const unsigned = await send(cutover, { ...integrator, secret: 'ints_another' }, body)
      expect([body, ...problemOf(unsigned)]).toEqual([body, 401, 'signature_invalid'])
    }
    expect(await currentSecrets(cutover, integrator.id)).toEqual([fingerprintOf(integrator.secret)])
  })

  it('may have 64 KiB, and is refused with one byte more', async () => {
    await using cutover = await startInProcess({ engine })
    const integrator = await createIntegrator(cutover)
    const bodyOf = (bytes: number) => ({ payload: `{"a":"${'x'.repeat(bytes - 8)}"}` })
    expect(problemOf(await send(cutover, integrator, bodyOf(64 * 1024 + 1)))).toEqual([413, 'body_too_large'])
    expect(await standing(cutover, integrator)).toBe('accepted')
    expect((await send(cutover, integrator, bodyOf(64 * 1024))).statusCode).toBe(200)
  })
})
