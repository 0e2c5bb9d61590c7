import type { LightMyRequestResponse } from 'fastify'
import { describe, expect, it } from 'vitest'
import { engines, type InProcess, startInProcess } from '../../../test/in-process.ts'
import {
  askOwn,
  type Call,
  createIntegrator,
  fingerprintOf,
  ownPath,
  problemOf,
  regenerate,
  regeneratePath,
  type Signing,
  signature,
  signed,
} from '../../../test/integrators.ts'

type SignatureHeader = 'X-Integrator-Key' | 'X-Timestamp' | 'X-Signature'

/** A good request with some of its headers replaced, or left out where `undefined`. */
function altered(
  cutover: InProcess,
  by: Signing,
  changes: Partial<Record<SignatureHeader, string | undefined>>,
  method: 'GET' | 'POST' = 'GET',
): Call {
  const call = signed(cutover, by, { method, url: method === 'GET' ? ownPath : regeneratePath })
  const headers = Object.entries({ ...call.headers, ...changes }).filter(([, value]) => value !== undefined)
  return { ...call, headers: Object.fromEntries(headers) as Record<string, string> } // sound: the rest was filtered
}

function withoutRequestId({ statusCode, headers, body }: LightMyRequestResponse) {
  const { 'x-request-id': requestId, date, ...rest } = headers
  return { statusCode, headers: rest, body: body.replaceAll(String(requestId), 'REQUEST') }
}

describe.each(engines)('a signed call on %s', (engine) => {
  it('tells the integrator who it is and which secrets it has, current first', async () => {
    await using cutover = await startInProcess({ engine })
    const { id, key, name, secret } = await createIntegrator(cutover)
    const answer = await askOwn(cutover, { key, secret })
    expect([answer.statusCode, answer.json()]).toEqual([
      200,
      {
        id,
        key,
        name,
        workspaceId: cutover.workspaceId,
        secrets: [{ fingerprint: fingerprintOf(secret), state: 'current', expiresAt: null }],
      },
    ])
    const head = await cutover.call(signed(cutover, { key, secret }, { method: 'HEAD', url: ownPath }))
    expect([head.statusCode, head.body]).toEqual([200, ''])
    const asHead = signed(cutover, { key, secret }, { method: 'HEAD', url: ownPath })
    expect(problemOf(await cutover.call({ ...asHead, method: 'GET' }))).toEqual([401, 'signature_invalid'])
  })

  it('is accepted as any backend makes it: an HMAC over timestamp, method, path with its query, and body hash', async () => {
    await using cutover = await startInProcess({ engine })
    const { key, secret } = await createIntegrator(cutover)
    const timestamp = String(cutover.clock.nowMs)
    const ask = (url: string, ofPath: string) =>
      cutover.call({
        url,
        token: null,
        headers: {
          'x-integrator-key': key,
          'x-timestamp': timestamp,
          'x-signature': signature(secret, timestamp, 'GET', ofPath),
        },
      })
    expect((await ask(ownPath, ownPath)).statusCode).toBe(200)
    for (const query of ['?a=1', '?a=%20+b&&=', '?']) {
      expect([query, (await ask(`${ownPath}?a=1`, `${ownPath}${query}`)).statusCode]).toEqual([
        query,
        query === '?a=1' ? 200 : 401,
      ])
    }
  })

  it('is refused for its timestamp first, then for the form of its signature, then for the signature', async () => {
    await using cutover = await startInProcess({ engine })
    const integrator = await createIntegrator(cutover)
    const { nowMs } = cutover.clock
    const late = { 'X-Timestamp': String(nowMs + 300_001) }
    const badForm = { 'X-Signature': 'sha256=x' }
    const unknown = { 'X-Integrator-Key': `int_${'a'.repeat(20)}` }
    const wrong = { 'X-Signature': `sha256=${'0'.repeat(64)}` }
    const refusals: [Parameters<typeof altered>[2], string][] = [
      [{ 'X-Timestamp': `${nowMs}0`, ...badForm, ...unknown }, 'timestamp_malformed'],
      [{ 'X-Timestamp': undefined, ...badForm, ...unknown }, 'timestamp_malformed'],
      [{ 'X-Timestamp': `0${String(nowMs).slice(1)}` }, 'timestamp_malformed'],
      [{ 'X-Timestamp': '1.5e12' }, 'timestamp_malformed'],
      [{ 'X-Timestamp': new Date(nowMs).toISOString() }, 'timestamp_malformed'],
      [{ ...late, ...badForm, ...unknown }, 'timestamp_out_of_range'],
      [{ 'X-Timestamp': String(nowMs - 300_001) }, 'timestamp_out_of_range'],
      [{ ...badForm, ...unknown }, 'signature_malformed'],
      [{ 'X-Signature': undefined }, 'signature_malformed'],
      [{ 'X-Signature': wrong['X-Signature'].slice(7) }, 'signature_malformed'],
      [{ 'X-Signature': `sha256=${'A'.repeat(64)}` }, 'signature_malformed'],
      [wrong, 'signature_invalid'],
      [unknown, 'signature_invalid'],
      [{ 'X-Integrator-Key': undefined }, 'signature_invalid'],
      [{ 'X-Integrator-Key': 'nonsense' }, 'signature_invalid'],
      [{ 'X-Timestamp': String(nowMs + 5000) }, 'signature_invalid'],
    ]
    for (const method of ['GET', 'POST'] as const) {
      for (const [changes, code] of refusals) {
        const response = await cutover.call(altered(cutover, integrator, changes, method))
        expect([changes, ...problemOf(response)]).toEqual([changes, 401, code])
        expect(response.json().realm).toBe('cutover')
        expect(response.headers['www-authenticate']).toBe('Cutover-Signature realm="cutover"')
      }
    }
    expect((await cutover.call(altered(cutover, integrator, {}))).statusCode).toBe(200)
  })

  it('is in time 300 s either way, and beyond is told the time here and how far off it is', async () => {
    await using cutover = await startInProcess({ engine })
    const { key, secret } = await createIntegrator(cutover)
    const { nowMs } = cutover.clock
    const at = (skewMs: number) => {
      const timestamp = String(nowMs + skewMs)
      const made = signature(secret, timestamp, 'GET', ownPath)
      const headers = { 'x-integrator-key': key, 'x-timestamp': timestamp, 'x-signature': made }
      return cutover.call({ url: ownPath, token: null, headers })
    }
    for (const skewMs of [-300_000, 300_000]) expect((await at(skewMs)).statusCode).toBe(200)
    for (const skewMs of [-300_001, 300_001]) {
      const response = await at(skewMs)
      expect(problemOf(response)).toEqual([401, 'timestamp_out_of_range'])
      expect(response.json()).toMatchObject({ realm: 'cutover', serverTime: '2026-11-21T12:00:00.000Z', skewMs })
    }
  })

  it('tells an unknown key and a wrong signature apart by nothing, in memory or not, one secret or two', async () => {
    await using cutover = await startInProcess({ engine, environment: { CUTOVER_RATE_LIMIT_PER_MINUTE: '0' } })
    let integrator: Signing = await createIntegrator(cutover)
    const wrong = { 'X-Signature': `sha256=${'0'.repeat(64)}` }
    for (const method of ['GET', 'POST'] as const) {
      const unknown = { ...wrong, 'X-Integrator-Key': `int_${'a'.repeat(20)}` }
      const expected = withoutRequestId(await cutover.call(altered(cutover, integrator, unknown, method)))
      expect(expected.statusCode).toBe(401)
      for (const memory of ['cold', 'warm', 'two secrets']) {
        if (memory === 'cold') cutover.cutover.node.dropAll()
        if (memory === 'two secrets') integrator = await regenerate(cutover, integrator, 60)
        const refused = withoutRequestId(await cutover.call(altered(cutover, integrator, wrong, method)))
        expect(refused).toEqual(expected)
      }
    }
  })

  it('with an access token beside it is refused as ambiguous', async () => {
    await using cutover = await startInProcess({ engine })
    const integrator = await createIntegrator(cutover)
    for (const request of [{ url: ownPath }, { method: 'POST', url: regeneratePath }] as const) {
      const response = await cutover.call({ ...signed(cutover, integrator, request), token: cutover.token })
      expect(problemOf(response)).toEqual([400, 'request_malformed'])
    }
    expect((await askOwn(cutover, integrator)).json().secrets).toHaveLength(1)
  })

  it('that is not signed at all is asked for a signature where nothing else will do, and else for a token', async () => {
    await using cutover = await startInProcess({ engine })
    for (const token of [null, cutover.token]) {
      const response = await cutover.call({ url: ownPath, token })
      expect(problemOf(response)).toEqual([401, 'unauthorized'])
      expect(response.json()).toMatchObject({ realm: 'cutover', detail: 'This request has to be signed' })
      expect(response.headers['www-authenticate']).toBe('Cutover-Signature realm="cutover"')
    }
    const response = await cutover.call({ method: 'POST', url: regeneratePath, token: null })
    expect([...problemOf(response), response.json().realm]).toEqual([401, 'unauthorized', 'cutover'])
    expect(response.headers['www-authenticate']).toBe('Bearer realm="cutover"')
  })
})
