import type { Server } from 'node:http'
import type { Socket } from 'node:net'

/**
 * Ends connections on which nothing has come `deadlineMs` after they were made. Node's own deadlines begin with the first
 * byte: whoever sends none could hold as many as the system allows, for ever.
 */
export function endSilentConnections(server: Server, deadlineMs: number, { isTls }: { readonly isTls: boolean }): void {
  server.on(isTls ? 'secureConnection' : 'connection', (socket: Socket) => {
    const end = () => {
      if (socket.bytesRead === 0) socket.destroy()
    }
    const timer = setTimeout(end, deadlineMs).unref()
    socket.once('close', () => clearTimeout(timer))
  })
}
