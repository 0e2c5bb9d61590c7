import fc from 'fast-check'
import { beforeAll, describe, expect, it } from 'vitest'
import { TwoWays } from '../../../test/two-ways.ts'
import { good, questionBodies, questionHeads } from '../../../test/verification-requests.ts'

let ways: TwoWays

beforeAll(async () => {
  ways = await TwoWays.start()
  return () => ways[Symbol.asyncDispose]()
})

function chunked(body: string, trailer = ''): Buffer {
  return Buffer.from(`${Buffer.byteLength(body).toString(16)}\r\n${body}\r\n0\r\n${trailer}\r\n`)
}

const isChunked = { 'Content-Length': null, 'Transfer-Encoding': 'chunked' }
const ofBodies = Object.entries(questionBodies)
const ofHeads = Object.entries(questionHeads)

describe('a verification is answered byte for byte as its route answers it', () => {
  it.each(ofBodies)('with %s for a body', async (_, body) => {
    await ways.expectTheSame(ways.request(body(ways)))
  })

  it.each(ofHeads)('with %s', async (_, head) => {
    for (const body of [good(ways), '{"platform":"tv"}', '{', ''])
      await ways.expectTheSame(ways.request(body, head(ways)))
  })

  it.each(ofBodies.filter(([name]) => name !== 'nothing'))('in chunks, with %s for a body', async (_, body) => {
    const content = body(ways)
    if (typeof content !== 'string') return
    const head = ways.request('', { headers: isChunked })
    await ways.expectTheSame(Buffer.concat([head, chunked(content)]))
  })

  it.each([
    ['a trailer', isChunked, () => chunked(good(ways), 'X-Trailer: 1\r\n')],
    ['chunks and a length', { 'Transfer-Encoding': 'chunked' }, () => chunked(good(ways))],
    ['chunks that are none', isChunked, () => Buffer.from('zz\r\n')],
    ['no length', { 'Content-Length': null }, () => Buffer.alloc(0)],
    ['a length of zero', { 'Content-Length': '0' }, () => Buffer.alloc(0)],
    ['a length below zero', { 'Content-Length': '-1' }, () => Buffer.alloc(0)],
    ['a length that is none', { 'Content-Length': '0x10' }, () => Buffer.alloc(16)],
    ['a length far over the limit', { 'Content-Length': '99999999999' }, () => Buffer.alloc(0)],
    ['a length beyond all numbers', { 'Content-Length': '9'.repeat(40) }, () => Buffer.alloc(0)],
  ])('with %s', async (_, headers, rest) => {
    await ways.expectTheSame(Buffer.concat([ways.request('', { headers }), rest()]))
  })

  it('whoever asks', async () => {
    const { cutover } = ways
    const { workspaceId, clock } = cutover
    const otherWorkspace = await cutover.createWorkspace('Other')
    const scopes = ['verify'] as const
    const expiresAtMs = clock.nowMs + 1000
    const tokens = [
      await cutover.createToken({ scopes, workspaceId }),
      await cutover.createToken({ scopes, workspaceId: otherWorkspace }),
      await cutover.createToken({ scopes: ['read_all', 'diagnose'], workspaceId }),
      await cutover.createToken({ scopes, workspaceId, expiresAtMs }),
      cutover.token,
    ]
    const asked = async () => {
      for (const token of tokens) {
        const headers = { Authorization: `Bearer ${token}` }
        const of = (...names: string[]) => names.map((id) => ({ ...ways.signed, workspaceId: id }))
        for (const body of [ways.signed, ...of(workspaceId, otherWorkspace), { platform: 'tv' }]) {
          await ways.expectTheSame(ways.request(JSON.stringify(body), { headers }))
          const named = { ...headers, 'Cutover-Workspace': otherWorkspace }
          await ways.expectTheSame(ways.request(JSON.stringify(body), { headers: named }))
        }
      }
    }
    await asked()
    clock.nowMs = expiresAtMs - 1
    await asked()
    clock.nowMs = expiresAtMs
    await asked()
    expect((await cutover.call({ method: 'DELETE', url: `/v1/workspaces/${otherWorkspace}` })).statusCode).toBe(204)
    await asked()
  })

  it('one after another on one connection', async () => {
    const all = [good(ways), '{"platform":"tv"}', good(ways), '{"platform":"web"}', good(ways)].map((body) =>
      ways.request(body),
    )
    const answers = await ways.expectTheSame(Buffer.concat(all))
    expect(answers.match(/HTTP\/1\.1 \d+/g)).toEqual([200, 422, 200, 200, 200, 200].map((code) => `HTTP/1.1 ${code}`))
  })

  it('whatever JSON it is sent', async () => {
    const member = fc.oneof(
      fc.constantFrom('web', 'ios', 'x', '', '\ud800', 1, null, true),
      fc.string(),
      fc.jsonValue(),
    )
    const names = ['platform', 'userId', 'email', 'userHash', 'jwt', 'source', 'workspaceId', 'reference', '__proto__']
    const name = fc.oneof({ weight: 5, arbitrary: fc.constantFrom(...names) }, fc.string())
    const question = fc.array(fc.tuple(name, member), { maxLength: 6 })
    await fc.assert(
      fc.asyncProperty(question, fc.boolean(), async (members, isPlain) => {
        const text = members.map(([key, value]) => `${JSON.stringify(key)}:${JSON.stringify(value)}`)
        await ways.expectTheSame(ways.request(`{${[...(isPlain ? ['"platform":"web"'] : []), ...text].join()}}`))
      }),
      { numRuns: 150 },
    )
  })

  it('whatever bytes it is sent', async () => {
    await fc.assert(
      fc
        .asyncProperty(fc.uint8Array({ minLength: 1, maxLength: 64 }), fc.nat(200), async (noise, at) => {
          const body = Buffer.from(good(ways))
          body.set(noise.subarray(0, Math.max(1, body.length - at)), Math.min(at, body.length - 1))
          await ways.expectTheSame(ways.request(body))
        })
        .beforeEach(() => {}),
      { numRuns: 100 },
    )
  })
})
