import { beforeAll, describe, expect, it, onTestFinished } from 'vitest'
import { createTemporaryDirectory } from '../../../test-support/temporary-directory.ts'
import { RawConnection, type RawResponse } from './raw-connection.ts'
import { type RunningCutover, startSharedCutover } from './start-cutover.ts'

/** What these tests ask changes nothing. */
let cutover: RunningCutover

beforeAll(async () => {
  const directory = await createTemporaryDirectory()
  cutover = await startSharedCutover({ CUTOVER_DATA_DIR: `${directory.path}/data` })
  return async () => {
    await cutover.kill('SIGKILL')
    await directory.remove()
  }
})

async function open(): Promise<RawConnection> {
  const connection = await RawConnection.open(cutover.address)
  onTestFinished(() => connection.close())
  return connection
}

async function exchange(request: string | Buffer, method = 'GET'): Promise<RawResponse> {
  return (await open()).send(request).response(method)
}

function head(requestLine: string, ...headers: string[]): string {
  return `${[requestLine, ...headers].join('\r\n')}\r\n\r\n`
}

const host = 'Host: localhost'
const json = 'Content-Type: application/json'
const bearer = () => `Authorization: Bearer ${cutover.firstToken}`

function errorListOf({ status, headers, body }: RawResponse) {
  expect(headers['content-type']).toMatch(/^application\/json(; charset=utf-8)?$/)
  const { type, request_id, errors } = JSON.parse(body)
  expect({ type, request_id }).toEqual({ type: 'error.list', request_id: headers['x-request-id'] })
  return { status, errors }
}

function refusal(status: number, message: string, code = 'client_error') {
  return { status, errors: [{ code, message }] }
}

async function stillServes(): Promise<void> {
  const { status } = await exchange(head('GET /livez HTTP/1.1', host))
  expect(status).toBe(200)
}

describe('a request that is not what HTTP asks for', () => {
  it.each([
    ['two Host headers', head('GET /livez HTTP/1.1', host, 'Host: evil.example'), 'Header host was sent twice'],
    ['two equal Host headers', head('GET /livez HTTP/1.1', host, host), 'Header host was sent twice'],
    [
      'two Authorization headers',
      head('GET /secure_mode_secrets HTTP/1.1', host, 'Authorization: Bearer a', 'authorization: Bearer b'),
      'Header authorization was sent twice',
    ],
    ['a path in its Host', head('GET /livez HTTP/1.1', 'Host: a/b'), 'Header host is malformed'],
    ['a user in its Host', head('GET /livez HTTP/1.1', 'Host: a@b'), 'Header host is malformed'],
    ['two names in its Host', head('GET /livez HTTP/1.1', 'Host: a, b'), 'Header host is malformed'],
    ['an empty Host', head('GET /livez HTTP/1.1', 'Host:'), 'Header host is malformed'],
    ['a port that is none in its Host', head('GET /livez HTTP/1.1', 'Host: a:port'), 'Header host is malformed'],
    ['garbage', '\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n', 'Request is not valid HTTP'],
    ['no method', head('/livez HTTP/1.1', host), 'Request is not valid HTTP'],
    ['a header without a name', head('GET /livez HTTP/1.1', host, ': x'), 'Request is not valid HTTP'],
    ['a folded header', head('GET /livez HTTP/1.1', host, 'X-A: 1\r\n 2'), 'Request is not valid HTTP'],
    ['NUL in a header', head('GET /livez HTTP/1.1', host, 'X-A: \0'), 'Request is not valid HTTP'],
    ['space before a colon', head('GET /livez HTTP/1.1', host, 'X-A : 1'), 'Request is not valid HTTP'],
    [
      'two lengths',
      head('POST /v1/verifications HTTP/1.1', host, 'Content-Length: 2', 'Content-Length: 3'),
      'Request is not valid HTTP',
    ],
    [
      'two equal lengths',
      `${head('POST /v1/verifications HTTP/1.1', host, 'Content-Length: 2', 'Content-Length: 2')}{}`,
      'Request is not valid HTTP',
    ],
    [
      'a length and chunks',
      `${head('POST /v1/verifications HTTP/1.1', host, 'Content-Length: 2', 'Transfer-Encoding: chunked')}0\r\n\r\n`,
      'Request is not valid HTTP',
    ],
    [
      'a length that is no number',
      head('POST /v1/verifications HTTP/1.1', host, 'Content-Length: 1e1'),
      'Request is not valid HTTP',
    ],
  ])('is 400 for %s', async (_what, request, message) => {
    expect(await exchange(request).then(errorListOf)).toEqual(refusal(400, message))
    await stillServes()
  })

  // Without a token it would be 401 before its body is looked at.
  it.each([
    ['a chunk of no size', 'Transfer-Encoding: chunked', 'x\r\n'],
    ['another transfer encoding', 'Transfer-Encoding: gzip', ''],
  ])('is 400 for %s', async (_what, encoding, body) => {
    const request = head('POST /v1/verifications HTTP/1.1', host, json, bearer(), encoding) + body
    expect(await exchange(request).then(errorListOf)).toEqual(refusal(400, 'Request is not valid HTTP'))
    await stillServes()
  })

  it('is 400 without a Host, with a request id like every answer', async () => {
    const { status, errors } = errorListOf(await exchange(head('GET /livez HTTP/1.1')))
    expect({ status, errors }).toEqual({ status: 400, errors: [{ code: 'client_error', message: expect.any(String) }] })
  })

  it('is 431 with headers over 16 KiB, and served with headers just under it', async () => {
    const long = (bytes: number) => head('GET /livez HTTP/1.1', host, `X-Long: ${'a'.repeat(bytes)}`)
    const limit = 'Request headers are too large'
    expect(await exchange(long(16 * 1024)).then(errorListOf)).toEqual(refusal(431, limit))
    expect((await exchange(long(15 * 1024))).status).toBe(200)
    const many = Array.from({ length: 5000 }, (_, index) => `A${index}: 1`)
    expect(await exchange(head('GET /livez HTTP/1.1', host, ...many)).then(errorListOf)).toEqual(refusal(431, limit))
    const longPath = `GET /${'a'.repeat(20_000)} HTTP/1.1`
    expect(await exchange(head(longPath, host)).then(errorListOf)).toEqual(refusal(431, limit))
  })

  it('is answered on HTTP/1.0 without a Host, and the connection then ends', async () => {
    const connection = (await open()).send('GET /livez HTTP/1.0\r\n\r\n')
    expect((await connection.response()).status).toBe(200)
    expect(await connection.closed()).toBe('')
  })
})

it('a connection on which nothing comes for ten seconds ends, and one that was asked on does not', async () => {
  const silent = await open()
  const idle = await open()
  await idle.send(head('GET /livez HTTP/1.1', host)).response()
  expect(await silent.closed()).toBe('')
  expect((await idle.send(head('GET /livez HTTP/1.1', host)).response()).status).toBe(200)
})

it('headers that do not arrive within ten seconds are 408, and the connection ends', async () => {
  const connection = (await open()).send('GET /livez HTTP/1.1\r\nHost: localhost\r\nX-Sl')
  const answer = await connection.response()
  expect(errorListOf(answer)).toEqual(refusal(408, 'Request took too long to arrive'))
  await connection.closed()
  await stillServes()
})

describe('a body', () => {
  const create = (...headers: string[]) => head('POST /secure_mode_secrets HTTP/1.1', host, bearer(), json, ...headers)
  const verify = (...headers: string[]) => head('POST /v1/verifications HTTP/1.1', host, bearer(), json, ...headers)
  const tooLarge = refusal(413, 'Request body is too large')

  it('of 64 KiB is read, and one byte more is 413 before it is sent', async () => {
    const fits = Buffer.from(`{"name":"${' '.repeat(64 * 1024 - 11)}"}`)
    const blank = await exchange(Buffer.concat([Buffer.from(create(`Content-Length: ${fits.length}`)), fits]))
    expect(errorListOf(blank)).toMatchObject({ status: 422, errors: [{ message: 'name is required' }, {}] })
    expect(await exchange(create('Content-Length: 65537')).then(errorListOf)).toEqual(tooLarge)
    const problem = await exchange(verify('Content-Length: 65537'))
    expect(problem.headers['content-type']).toMatch(/^application\/problem\+json/)
    expect(JSON.parse(problem.body)).toMatchObject({ status: 413, code: 'body_too_large' })
  })

  it('in chunks is cut off at 64 KiB, however many more would come', async () => {
    const connection = (await open()).send(create('Transfer-Encoding: chunked'))
    const chunk = `4000\r\n${'a'.repeat(0x4000)}\r\n`
    for (let sent = 0; sent <= 64 * 1024; sent += 0x4000) connection.send(chunk)
    expect(errorListOf(await connection.response())).toEqual(tooLarge)
  })

  it('that never ends keeps nobody else from being served', async () => {
    const endless = (await open()).send(`${create('Transfer-Encoding: chunked')}5\r\n{"nam\r\n`)
    const short = (await open()).send(`${create('Content-Length: 100')}{"name":`)
    await stillServes()
    endless.send('0\r\n\r\n')
    expect(errorListOf(await endless.response())).toMatchObject({ status: 400 })
    short.close()
    await stillServes()
  })

  it('that is not UTF-8 is 400', async () => {
    const bytes = Buffer.concat([Buffer.from('{"name":"'), Buffer.from([0xc3, 0x28]), Buffer.from('"}')])
    const answer = await exchange(Buffer.concat([Buffer.from(create(`Content-Length: ${bytes.length}`)), bytes]))
    expect(errorListOf(answer)).toEqual(refusal(400, 'Request body is not valid UTF-8', 'parameter_invalid'))
  })

  it('with __proto__ and constructor in it changes no other request', async () => {
    const body = '{"name":"","__proto__":{"supports_web":true},"constructor":{"prototype":{"supports_web":true}}}'
    const answer = await exchange(`${create(`Content-Length: ${body.length}`)}${body}`)
    const missing = 'at least one of supports_android, supports_ios, supports_web must be true'
    const messages = [{ message: 'name is required' }, { message: missing }]
    expect(errorListOf(answer)).toMatchObject({ status: 422, errors: messages })
    const empty = await exchange(`${create('Content-Length: 11')}{"name":""}`)
    expect(errorListOf(empty)).toMatchObject({ status: 422, errors: messages })
  })
})

describe('a connection', () => {
  it('answers requests that were sent ahead, in their order', async () => {
    const connection = await open()
    const paths = ['/livez', '/nothing', '/readyz', '/health', '/livez']
    connection.send(paths.map((path) => head(`GET ${path} HTTP/1.1`, host)).join(''))
    const statuses: number[] = []
    for (const _ of paths) statuses.push((await connection.response()).status)
    expect(statuses).toEqual([200, 404, 200, 401, 200])
  })

  it('stays after a refusal that has nothing to do with its framing', async () => {
    const connection = await open()
    for (const [request, status] of [
      [head('GET /nothing HTTP/1.1', host), 404],
      [head('GET /secure_mode_secrets HTTP/1.1', host), 401],
      [head('PATCH /v1/verifications HTTP/1.1', host), 405],
      [`${head('POST /secure_mode_secrets HTTP/1.1', host, bearer(), json, 'Content-Length: 2')}{}`, 422],
      [head('GET /livez HTTP/1.1', 'Host: a b'), 400],
      [head('GET /livez HTTP/1.1', host), 200],
    ] as const) {
      connection.send(request)
      expect(await connection.response().then((answer) => answer.status, String), request).toBe(status)
    }
  })
})

describe('a method', () => {
  it.each(['/livez', '/readyz', '/openapi.json', '/secure_mode_secrets', '/health'])(
    'HEAD is GET without its body on %s',
    async (path) => {
      const get = await exchange(head(`GET ${path} HTTP/1.1`, host, bearer()))
      const connection = await open()
      connection.send(head(`HEAD ${path} HTTP/1.1`, host, bearer()))
      const headOnly = await connection.response('HEAD')
      expect({ status: headOnly.status, type: headOnly.headers['content-type'] }).toEqual({
        status: 200,
        type: get.headers['content-type'],
      })
      expect(headOnly.headers['content-length']).toBe(get.headers['content-length'])
      // A body would stand where the next response begins.
      connection.send(head('GET /livez HTTP/1.1', host))
      expect((await connection.response()).statusLine).toBe('HTTP/1.1 200 OK')
    },
  )

  it.each([
    ['/secure_mode_secrets', 'GET, HEAD, POST, OPTIONS'],
    ['/secure_mode_secrets/1', 'DELETE, OPTIONS'],
    ['/v1/verifications', 'POST, OPTIONS'],
    ['/v1/verifications/batch', 'POST, OPTIONS'],
    ['/health', 'GET, HEAD, OPTIONS'],
    ['/livez', 'GET, HEAD, OPTIONS'],
  ])('OPTIONS on %s is 204 and names what there is', async (path, allow) => {
    const { status, headers, body } = await exchange(head(`OPTIONS ${path} HTTP/1.1`, host))
    expect({ status, allow: headers['allow'], body }).toEqual({ status: 204, allow, body: '' })
  })

  it('that a native path does not know is 405 with those it knows, and elsewhere 404', async () => {
    const native = await exchange(head('PATCH /v1/verifications HTTP/1.1', host))
    expect({ status: native.status, allow: native.headers['allow'], code: JSON.parse(native.body).code }).toEqual({
      status: 405,
      allow: 'POST, OPTIONS',
      code: 'method_not_allowed',
    })
    const notFound = refusal(404, 'Resource not found', 'not_found')
    expect(await exchange(head('PATCH /secure_mode_secrets HTTP/1.1', host)).then(errorListOf)).toEqual(notFound)
    expect(await exchange(head('PROPFIND /secure_mode_secrets HTTP/1.1', host)).then(errorListOf)).toEqual(notFound)
    expect(await exchange(head('OPTIONS /nothing HTTP/1.1', host)).then(errorListOf)).toEqual(notFound)
    expect(await exchange(head('OPTIONS * HTTP/1.1', host)).then(errorListOf)).toEqual(notFound)
  })
})
