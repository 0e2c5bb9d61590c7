import { spawn } from 'node:child_process'
import { getEventListeners, once } from 'node:events'
import { createServer, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { ApiError, CutoverClient, NetworkError, TimeoutError } from '@cutover/client'
import { describe, expect, it, onTestFinished } from 'vitest'
import { rejection } from './listening-cutover.ts'

const reason = new Error('the user has gone')
const ndjson = { 'content-type': 'application/x-ndjson' }

/** A server that does with each request what the test says. */
async function serve(answer: (response: ServerResponse) => void): Promise<{ baseUrl: string; server: Server }> {
  const server = createServer((_request, response) => answer(response)).listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(() => {
    server.closeAllConnections()
    server.close()
  })
  // Sound: it listens on a port, not on a pipe.
  return { server, baseUrl: `http://127.0.0.1:${(server.address() as AddressInfo).port}` }
}

/** As `serve`, for a client, and resolves `arrived` with each first request. */
async function clientOf(answer: (response: ServerResponse) => void, options: { timeoutMs?: number } = {}) {
  const { promise: arrived, resolve } = Promise.withResolvers<void>()
  const { baseUrl, server } = await serve((response) => {
    answer(response)
    resolve()
  })
  return { client: new CutoverClient({ baseUrl, retries: 0, ...options }), arrived, server, baseUrl }
}

const hang = () => {}
const stallInBody = (response: ServerResponse) => void response.writeHead(200).write('{"status":')

describe('the time limit of an attempt', () => {
  it.each([
    ['comes not at all', hang],
    ['stops within its body', stallInBody],
    ['is an error that stops within its body', (response: ServerResponse) => void response.writeHead(422).write('{')],
  ])('ends a call whose answer %s', async (_what, answer) => {
    const { client, baseUrl } = await clientOf(answer, { timeoutMs: 60 })
    const error = await rejection(client.health(), TimeoutError)
    expect(error.message).toMatch(`${baseUrl} did not answer`)
    expect(error.message).toMatch(/within 60 ms$/)
  })

  it('holds for the whole attempt, also where a byte comes now and then', async () => {
    const { client } = await clientOf(
      (response) => {
        response.writeHead(200)
        const timer = setInterval(() => response.write(' '), 20)
        response.on('close', () => clearInterval(timer))
      },
      { timeoutMs: 200 },
    )
    await rejection(client.health(), TimeoutError)
  })

  it('is that of the call where it has one', async () => {
    const { client } = await clientOf(hang)
    await rejection(client.health({ timeoutMs: 40 }), TimeoutError)
  })

  it.each([0, -1, Number.NaN, Number.POSITIVE_INFINITY, 2 ** 31])(
    'is none of %d ms, which a timer takes for none',
    async (timeoutMs) => {
      expect(() => new CutoverClient({ baseUrl: 'http://127.0.0.1:1', timeoutMs })).toThrow(TypeError)
      const client = new CutoverClient({ baseUrl: 'http://127.0.0.1:1' })
      await rejection(client.health({ timeoutMs }), TypeError)
    },
  )

  it.each([-1, 0.5, Number.NaN, Number.POSITIVE_INFINITY])('and retries are none of %d', (retries) => {
    expect(() => new CutoverClient({ baseUrl: 'http://127.0.0.1:1', retries })).toThrow(TypeError)
  })
})

describe('an export', () => {
  it('may take longer than the time limit, as long as something comes within it', async () => {
    const { client } = await clientOf(
      (response) => {
        response.writeHead(200, ndjson)
        let lines = 0
        const timer = setInterval(() => {
          response.write(`{"sequence":${++lines}}\n`)
          if (lines === 8) response.end(() => clearInterval(timer))
        }, 50)
      },
      { timeoutMs: 250 },
    )
    expect((await textOf(client.auditLog.export())).split('\n')).toHaveLength(9)
  })

  it('ends with TimeoutError where nothing comes any more', async () => {
    const { client } = await clientOf((response) => void response.writeHead(200, ndjson).write('{}\n'), {
      timeoutMs: 60,
    })
    await rejection(textOf(client.auditLog.export()), TimeoutError)
  })

  it('gives its reader all the time that it likes', async () => {
    const { client } = await clientOf(
      (response) => {
        response.writeHead(200, ndjson).write('{"sequence":1}\n')
        setTimeout(() => response.end('{"sequence":2}\n'), 20)
      },
      { timeoutMs: 100 },
    )
    const slow = await clientOf(hang)
    let lines = ''
    for await (const piece of client.auditLog.export()) {
      lines += Buffer.from(piece)
      // Until the time of the server would have been up twice.
      await rejection(slow.client.health({ timeoutMs: 200 }), TimeoutError)
    }
    expect(lines).toBe('{"sequence":1}\n{"sequence":2}\n')
  })

  it('ends with NetworkError where the connection is cut in the middle', async () => {
    const { client } = await clientOf((response) => {
      response.writeHead(200, ndjson).write('{"sequence":1}\n', () => setImmediate(() => response.destroy()))
    })
    const error = await rejection(textOf(client.auditLog.export()), NetworkError)
    expect(error.message).toMatch(/broke off/)
  })

  it('ends with NetworkError where its last line is cut, though the connection ended well', async () => {
    const { client } = await clientOf((response) => void response.writeHead(200, ndjson).end('{"sequence":1}\n{"seq'))
    await rejection(textOf(client.auditLog.export()), NetworkError)
  })

  it('is no page of HTML', async () => {
    const { client } = await clientOf(
      (response) => void response.writeHead(200, { 'content-type': 'text/html' }).end('<p>'),
    )
    expect(await rejection(textOf(client.auditLog.export()), ApiError)).toMatchObject({ code: 'unexpected_answer' })
  })

  it('closes its connection when the loop is left', async () => {
    const { promise: closed, resolve } = Promise.withResolvers<void>()
    const { client } = await clientOf((response) => {
      response.on('close', resolve)
      response.writeHead(200, ndjson).write('{}\n')
    })
    for await (const _piece of client.auditLog.export()) break
    await closed
  })

  it('ends with the reason of its signal', async () => {
    const { client } = await clientOf((response) => void response.writeHead(200, ndjson).write('{}\n'))
    const leaving = new AbortController()
    const lines = client.auditLog.export({}, { signal: leaving.signal })
    await lines.next()
    const next = lines.next()
    leaving.abort(reason)
    await expect(next).rejects.toBe(reason)
    expect(getEventListeners(leaving.signal, 'abort')).toHaveLength(0)
  })
})

describe('an abort signal', () => {
  it.each([
    ['before the head of the answer', hang],
    ['within the body', stallInBody],
    ['within the body of an error', (response: ServerResponse) => void response.writeHead(422).write('{')],
  ])('ends a call with its reason, %s', async (_when, answer) => {
    const { client, arrived } = await clientOf(answer)
    const leaving = new AbortController()
    const call = client.health({ signal: leaving.signal })
    await arrived
    leaving.abort(reason)
    await expect(call).rejects.toBe(reason)
    expect(getEventListeners(leaving.signal, 'abort')).toHaveLength(0)
  })

  it('ends a pause between attempts at once', async () => {
    const { baseUrl } = await serve((response) => void response.writeHead(503, { 'retry-after': '30' }).end())
    const leaving = new AbortController()
    const startedAt = performance.now()
    const call = new CutoverClient({ baseUrl }).health({ signal: leaving.signal })
    // The answer is there, and the pause has begun, when a second call has been answered after it.
    await rejection(new CutoverClient({ baseUrl, retries: 0 }).health(), ApiError)
    leaving.abort(reason)
    await expect(call).rejects.toBe(reason)
    expect(performance.now() - startedAt).toBeLessThan(10_000)
    expect(getEventListeners(leaving.signal, 'abort')).toHaveLength(0)
  })

  it('that is aborted already lets nothing be sent', async () => {
    let requests = 0
    const { client } = await clientOf(() => void requests++)
    await expect(client.health({ signal: AbortSignal.abort(reason) })).rejects.toBe(reason)
    await expect(client.auditLog.export({}, { signal: AbortSignal.abort(reason) }).next()).rejects.toBe(reason)
    expect(requests).toBe(0)
  })

  it('keeps no listener of 1000 calls that it was given to, and warns of none', async () => {
    const warnings: Error[] = []
    const note = (warning: Error) => void warnings.push(warning)
    process.on('warning', note)
    onTestFinished(() => void process.off('warning', note))
    const { client } = await clientOf((response) => void response.end('{}'))
    const { signal } = new AbortController()
    for (let round = 0; round < 10; round++) {
      await Promise.all(Array.from({ length: 100 }, () => client.health({ signal })))
    }
    expect(getEventListeners(signal, 'abort')).toHaveLength(0)
    expect(warnings).toEqual([])
  })

  it('keeps no listener of a pause that is over', async () => {
    let requests = 0
    const { baseUrl } = await serve((response) => {
      requests += 1
      response.writeHead(requests === 1 ? 503 : 200, { 'retry-after': '0' }).end('{}')
    })
    const { signal } = new AbortController()
    await new CutoverClient({ baseUrl }).health({ signal })
    expect([requests, getEventListeners(signal, 'abort').length]).toEqual([2, 0])
  })
})

describe('a process', () => {
  it('ends when its call has ended, not when the time limit is up', async () => {
    const { baseUrl } = await serve((response) => void response.end('{}'))
    const program = `
      import { CutoverClient } from '@cutover/client'
      await new CutoverClient({ baseUrl: '${baseUrl}', timeoutMs: 600_000 }).health({ signal: new AbortController().signal })
      console.log(process.getActiveResourcesInfo().filter((name) => name === 'Timeout').length)`
    const parameters = ['--conditions=cutover-source', '--input-type=module', '--eval', program]
    const child = spawn(process.execPath, parameters, {
      cwd: join(import.meta.dirname, '..'),
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    onTestFinished(() => void child.kill())
    const [printed, [code]] = await Promise.all([text(child.stdout), once(child, 'close')])
    expect([printed, code]).toEqual(['0\n', 0])
  })
})

async function textOf(pieces: AsyncIterable<Uint8Array>): Promise<string> {
  let text = ''
  for await (const piece of pieces) text += Buffer.from(piece).toString('utf8')
  return text
}
