import { STATUS_CODES } from 'node:http'
import type { Socket } from 'node:net'
import { errorListBody } from './error-list.ts'
import { makeRequestId } from './plugins/request-frame.ts'
import { Refusal } from './refusal.ts'

const statuses: Readonly<Record<string, { status: number; detail: string }>> = {
  HPE_HEADER_OVERFLOW: { status: 431, detail: 'Request headers are too large' },
  ERR_HTTP_REQUEST_TIMEOUT: { status: 408, detail: 'Request took too long to arrive' },
}

const malformed = { status: 400, detail: 'Request is not valid HTTP' }

/**
 * Answers what is no HTTP request and so has no path and no dialect of its own. Node has nothing left to answer it
 * with but the socket.
 */
export function answerBrokenRequest(error: Error & { code?: string }, socket: Socket): void {
  if (error.code === 'ECONNRESET' || !socket.writable) {
    socket.destroy()
    return
  }
  const { status, detail } = statuses[error.code ?? ''] ?? malformed
  const requestId = makeRequestId()
  const body = JSON.stringify(errorListBody(new Refusal('request_malformed', { detail }), requestId))
  const head = [
    `HTTP/1.1 ${status} ${STATUS_CODES[status]}`,
    'Content-Type: application/json',
    `Content-Length: ${Buffer.byteLength(body)}`,
    `X-Request-Id: ${requestId}`,
    'Connection: close',
  ]
  socket.end(`${head.join('\r\n')}\r\n\r\n${body}`)
}
