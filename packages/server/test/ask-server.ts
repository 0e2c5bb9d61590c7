import type { FastifyInstance, InjectOptions, LightMyRequestResponse } from 'fastify'
import { inject } from 'light-my-request'

/**
 * Asks the server of `app` without a network, where the network would ask it: unlike `app.inject`, through what stands
 * before the router, too.
 */
export function askServer({ server }: FastifyInstance, options: InjectOptions): Promise<LightMyRequestResponse> {
  return inject((request, response) => void server.emit('request', request, response), options)
}
