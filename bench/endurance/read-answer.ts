const endOfHead = Buffer.from('\r\n\r\n')

/** An answer of HTTP/1.1 with a Content-Length. */
export interface Answer {
  readonly status: number
  readonly head: string
  readonly body: Buffer
  /** The server closes the connection after it. */
  readonly isLast: boolean
}

/** `null` while it is not complete. */
export function readAnswer(received: Buffer): Answer | null {
  const headEnd = received.indexOf(endOfHead)
  if (headEnd === -1) return null
  const head = received.toString('latin1', 0, headEnd)
  const length = Number(/\r\ncontent-length: (\d+)/i.exec(head)?.[1])
  if (Number.isNaN(length)) throw new Error(`an answer without Content-Length: ${head}`)
  const bodyStart = headEnd + endOfHead.length
  if (received.length < bodyStart + length) return null
  return {
    status: Number(head.slice(9, 12)),
    head,
    body: received.subarray(bodyStart, bodyStart + length),
    isLast: /\r\nconnection: close/i.test(head),
  }
}
