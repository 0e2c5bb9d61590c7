import { ApiError, intercomSecrets, NetworkError, type SecureModeSecrets } from '@cutover/client'
import { describe, expect, expectTypeOf, it } from 'vitest'
import { rejection, startListening } from '../listening-cutover.ts'
import { created, errors, list } from './documented-answers.ts'
import { DocumentedIntercom, token } from './documented-server.ts'

/** A rotation as a script would do it: it does not know which of the two it talks to. */
async function rotate(secrets: SecureModeSecrets, oldName: string, newName: string) {
  const old = (await secrets.list()).data.find(({ name }) => name === oldName)
  if (!old) throw new Error('there is no such secret')
  const { supports_android, supports_ios, supports_web } = old
  const successor = await secrets.create({ name: newName, supports_android, supports_ios, supports_web })
  const { revocationEpoch } = await secrets.delete(old.id)
  return { successor, revocationEpoch }
}

describe('intercomSecrets', () => {
  it('rotates a secret of Intercom, with what its documentation asks for and answers', async () => {
    await using intercom = await DocumentedIntercom.start()
    const secrets = intercomSecrets({ baseUrl: intercom.baseUrl, token })
    expect(await secrets.list()).toEqual(list)
    const { successor, revocationEpoch } = await rotate(secrets, 'Production Web', created.name)
    expect(successor).toEqual(created)
    expect(revocationEpoch).toBe(null)
    expect(intercom.requests.slice(1)).toEqual([
      'GET /secure_mode_secrets',
      `POST /secure_mode_secrets ${JSON.stringify({
        name: created.name,
        supports_android: false,
        supports_ios: false,
        supports_web: true,
      })}`,
      'DELETE /secure_mode_secrets/102',
    ])
  })

  it('rotates a secret of Cutover with the very same code', async () => {
    await using cutover = await startListening()
    const { token: access } = await cutover.client().accessTokens.create({ name: 'R', preset: 'rotator' })
    const secrets = intercomSecrets({ baseUrl: cutover.baseUrl, token: access })
    const old = await secrets.create({ name: 'Production Web', supports_web: true })
    const { successor, revocationEpoch } = await rotate(secrets, 'Production Web', 'Production Web 2')
    expect(revocationEpoch).toBeGreaterThan(0)
    const { secret: _secret, ...shown } = successor
    expect(await secrets.list()).toEqual({ type: 'list', data: [shown] })
    expect((await rejection(secrets.delete(old.id), ApiError)).code).toBe('identity_verification_secret_not_found')
  })

  it('goes to api.intercom.io with the version Preview, unless told otherwise', async () => {
    const asked: [url: string, version: string | null][] = []
    const options = {
      token,
      fetch: async (input: Parameters<typeof fetch>[0], init?: RequestInit) => {
        asked.push([String(input), new Headers(init?.headers).get('intercom-version')])
        return Response.json(list)
      },
    }
    await intercomSecrets(options).list()
    await intercomSecrets({ ...options, baseUrl: 'https://api.eu.intercom.io', version: 'Unstable' }).list()
    expect(asked).toEqual([
      ['https://api.intercom.io/secure_mode_secrets', 'Preview'],
      ['https://api.eu.intercom.io/secure_mode_secrets', 'Unstable'],
    ])
  })

  it('tells the errors of Intercom apart, whatever they leave out', async () => {
    await using intercom = await DocumentedIntercom.start()
    const options = { baseUrl: intercom.baseUrl, token }
    const secrets = intercomSecrets(options)
    const told = async (call: Promise<unknown>) => {
      const { status, code, dialect, requestId, message } = await rejection(call, ApiError)
      return { status, code, dialect, requestId, message }
    }
    const dialect = 'intercom'
    expect(await told(intercomSecrets({ ...options, token: 'another' }).list())).toEqual({
      ...{ status: 401, code: 'unauthorized', dialect, message: 'Access Token Invalid' },
      requestId: errors.unauthorized.body.request_id,
    })
    expect(await told(secrets.create({ name: 'None' }))).toMatchObject({ status: 422, code: 'parameter_invalid' })
    expect(await told(secrets.delete('999'))).toMatchObject({ status: 404, code: 'not_found', dialect })
    expect(await told(intercomSecrets({ ...options, version: '2.14' }).list())).toEqual({
      ...{ status: 400, code: 'intercom_version_invalid', dialect, requestId: undefined },
      message: 'intercom_version_invalid',
    })
  })

  it('waits for the window of the rate limit to end, though there is no Retry-After', async () => {
    await using intercom = await DocumentedIntercom.start()
    const serverMs = Date.UTC(2026, 0, 1)
    const reset = (afterSeconds: number) => ({
      date: new Date(serverMs).toUTCString(),
      'x-ratelimit-reset': String(serverMs / 1000 + afterSeconds),
    })
    intercom.next.push({ ...errors.rateLimited, headers: reset(0) })
    expect(await intercomSecrets({ baseUrl: intercom.baseUrl, token }).list()).toEqual(list)
    intercom.next.push({ ...errors.rateLimited, headers: reset(7) })
    const limited = await rejection(intercomSecrets({ baseUrl: intercom.baseUrl, token, retries: 0 }).list(), ApiError)
    expect(limited).toMatchObject({ code: 'rate_limit_exceeded', retryAfterSeconds: 7, requestId: undefined })
  })

  it('does not create twice where an answer is lost, and does delete twice', async () => {
    await using intercom = await DocumentedIntercom.start()
    const secrets = intercomSecrets({ baseUrl: intercom.baseUrl, token })
    for (const lost of ['lost', { status: 500 }, { status: 503 }] as const) {
      intercom.next.push(lost)
      await rejection(secrets.create({ name: 'A', supports_web: true }, { idempotencyKey: 'ignored' }), Error)
    }
    expect(intercom.requests).toHaveLength(3)
    intercom.next.push('lost', errors.notFound)
    expect(await secrets.delete('102')).toEqual({ revocationEpoch: null })
    intercom.next.push('lost', 'lost', 'lost')
    await rejection(secrets.list(), NetworkError)
  })

  it('has the type of the same calls of CutoverClient', () => {
    expectTypeOf(intercomSecrets).returns.toEqualTypeOf<SecureModeSecrets>()
  })
})
