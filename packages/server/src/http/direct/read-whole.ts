import type { IncomingMessage } from 'node:http'

/** Calls `done` once: with the whole body, or with the error that ended it early. */
export function readWhole(request: IncomingMessage, done: (body: Buffer | Error) => void): void {
  const chunks: Buffer[] = []
  request.on('data', (chunk: Buffer) => chunks.push(chunk))
  request.on('end', () => done(joined(chunks)))
  request.on('error', (error) => {
    if (!request.readableEnded) done(error)
  })
}

/** Nearly always there is one. */
function joined(chunks: readonly Buffer[]): Buffer {
  const [only] = chunks
  return only && chunks.length === 1 ? only : Buffer.concat(chunks)
}
