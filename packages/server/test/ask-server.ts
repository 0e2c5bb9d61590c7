import { setImmediate as nextRound } from 'node:timers/promises'
import type { FastifyInstance, InjectOptions, LightMyRequestResponse } from 'fastify'
import { inject } from 'light-my-request'

/**
 * Asks the server of `app` without a network, where the network would ask it: unlike `app.inject`, through what stands
 * before the router, too. And when the network would: in a round of the event loop that begins after this call. Without
 * that no timer would fire between one answer and the next question, as in a process that has more to do than it can.
 */
export async function askServer({ server }: FastifyInstance, options: InjectOptions): Promise<LightMyRequestResponse> {
  await nextRound()
  return inject((request, response) => void server.emit('request', request, response), options)
}
