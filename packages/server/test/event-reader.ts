import type { LiveCutover } from '@cutover/contract'
import type { FastifyInstance } from 'fastify'

/** Reads a live view as a browser would; its events come one after another. */
export interface EventReader {
  readonly response: Response
  /** The next event; `null`: the stream ended. */
  next(): Promise<LiveCutover | null>
  close(): void
}

export async function addressOf(app: FastifyInstance): Promise<string> {
  if (!app.server.listening) await app.listen({ port: 0, host: '127.0.0.1' })
  const { port } = app.server.address() as { port: number } // sound: it listens on a port
  return `http://127.0.0.1:${port}`
}

export async function watchCutover(
  address: string,
  id: string,
  headers: Readonly<Record<string, string>>,
): Promise<EventReader> {
  const leaving = new AbortController()
  const url = `${address}/v1/identity-secrets/${id}/cutover/stream`
  const response = await fetch(url, { headers, signal: leaving.signal })
  const reader = response.body?.pipeThrough(new TextDecoderStream()).getReader()
  let received = ''
  return {
    response,
    async next() {
      for (;;) {
        const end = received.indexOf('\n\n')
        if (end !== -1) {
          const block = received.slice(0, end)
          received = received.slice(end + 2)
          const [, data] = /^id: \d+\nevent: cutover\ndata: (.*)$/.exec(block) ?? []
          if (data !== undefined) return JSON.parse(data)
          if (block !== 'retry: 2000') throw new Error(`no event: ${block}`)
          continue
        }
        const { done = true, value } = (await reader?.read()) ?? {}
        if (done) return null
        received += value
      }
    },
    close: () => leaving.abort(),
  }
}
