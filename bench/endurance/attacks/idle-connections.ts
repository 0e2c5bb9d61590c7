import { readAnswer } from '../read-answer.ts'
import type { Attacked, Tally } from './attack.ts'
import { openTo } from './flood.ts'

const openingAtOnce = 100
const request = Buffer.from('GET /readyz HTTP/1.1\r\nHost: localhost\r\n\r\n')

/** Connections that each ask once, and then never again; what the server closes is opened anew. */
export async function idleConnections({ port, connections }: Attacked, tally: Tally): Promise<void> {
  let left = connections
  const lane = async () => {
    for (; left > 0; left -= 1) await openIdle(port, tally)
  }
  await Promise.all(Array.from({ length: openingAtOnce }, lane))
}

function openIdle(port: number, tally: Tally): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>()
  const socket = openTo(port)
  socket.write(request)
  socket.on('data', (chunk: Buffer) => {
    tally.add(String(readAnswer(chunk)?.status))
    resolve()
  })
  socket.once('close', () => {
    tally.add('cut')
    resolve()
    setTimeout(() => openIdle(port, tally), 100)
  })
  return promise
}
