import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http'
import type { FastifyInstance } from 'fastify'

/** What sees a request before the framework does. */
export interface Front {
  /** Answers `request`, or has `route` answer it. */
  answer(request: IncomingMessage, response: ServerResponse, route: RequestListener): void
}

/**
 * Puts `front` before the router of `app`, on its server. Once `app` closes, the router is asked alone: it tells clients
 * that their connection ends.
 */
export function placeInFront(app: FastifyInstance, front: Front): void {
  const route: RequestListener = (request, response) => app.routing(request, response)
  let isClosing = false
  app.addHook('preClose', async () => {
    isClosing = true
  })
  app.server.off('request', app.routing)
  app.server.on('request', (request: IncomingMessage, response: ServerResponse) => {
    if (isClosing) route(request, response)
    else front.answer(request, response, route)
  })
}
