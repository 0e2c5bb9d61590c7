import { connect, type Socket } from 'node:net'
import { readAnswer } from '../read-answer.ts'
import type { Attacked, Tally } from './attack.ts'

/** One request after another on each of the connections, a new one where the server cut the last. */
export async function flood({ port, connections }: Attacked, tally: Tally, next: () => Buffer): Promise<void> {
  for (let opened = 0; opened < connections; opened += 1) keepAsking(port, tally, next)
}

function keepAsking(port: number, tally: Tally, next: () => Buffer): void {
  const socket = openTo(port)
  let received: Buffer | null = null
  let isAnswered = false
  const ask = () => {
    isAnswered = false
    socket.write(next())
  }
  ask()
  socket.on('data', (chunk: Buffer) => {
    received = received === null ? chunk : Buffer.concat([received, chunk])
    const answer = readAnswer(received)
    if (answer === null) return
    received = null
    isAnswered = true
    tally.add(String(answer.status))
    if (answer.isLast) socket.destroy()
    else ask()
  })
  socket.once('close', () => {
    if (!isAnswered) tally.add('cut')
    setImmediate(() => keepAsking(port, tally, next))
  })
}

/** A server that cuts an attack is right: that is told by `close`, and no error. */
export function openTo(port: number): Socket {
  return connect({ port, host: '127.0.0.1', noDelay: true }).on('error', () => undefined)
}
