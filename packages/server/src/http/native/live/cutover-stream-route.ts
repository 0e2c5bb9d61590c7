import { Readable } from 'node:stream'
import { operations } from '@cutover/contract'
import type { FastifyInstance, FastifyRequest } from 'fastify'
import type { CredentialCache } from '../../../access-tokens/credential-cache.ts'
import { DomainError } from '../../../domain-error.ts'
import { parseIdentitySecretId } from '../../../identity-secrets/identity-secret.ts'
import type { WorkspaceDirectory } from '../../../workspaces/workspace-directory.ts'
import { type Caller, callerOf } from '../../caller.ts'
import { EventStream } from '../../event-stream.ts'
import { authorize, authorizeAgain } from '../../plugins/authorization.ts'
import { problemDialect } from '../../problem.ts'
import { Refusal } from '../../refusal.ts'
import { type LiveCutoverPorts, readLiveCutover } from './live-cutover.ts'
import { LiveViews, type LiveViewTimes } from './live-views.ts'

const scope = 'read_secure_mode_secret'
const retryMs = 2000

export interface CutoverStreamPorts extends LiveCutoverPorts {
  readonly credentials: CredentialCache
  readonly workspaces: WorkspaceDirectory
  readonly liveViewTimes: LiveViewTimes | undefined
}

interface Asked {
  Params: { id: string }
  Querystring: { workspace?: string }
}

export function cutoverStreamRoute(app: FastifyInstance, ports: CutoverStreamPorts): void {
  const views = new LiveViews(ports.liveViewTimes)
  app.addHook('preClose', (done) => {
    views.stop()
    done()
  })

  app.get<Asked>('/v1/identity-secrets/:id/cutover/stream', {
    schema: operations.streamCutover,
    config: { dialect: problemDialect },
    onRequest: authorize(ports.credentials, scope),
    handler: async (request, reply) => {
      const { workspaceId, tokenId } = await callerOf(request, ports.workspaces, request.query.workspace)
      const id = parseIdentitySecretId(request.params.id)
      if (id === null || !(await ports.secrets.find(workspaceId, id))) throw new DomainError('secret_unknown')
      views.assertRoomFor(tokenId)
      reply.type('text/event-stream').header('cache-control', 'no-store').header('x-accel-buffering', 'no')
      // Fastify reads what it answers to HEAD to its end.
      if (request.method === 'HEAD') return reply.send(Readable.from([]))
      const stream = new EventStream({ retryMs, sink: reply.raw })
      views.open({
        ...{ stream, tokenId, subject: `${workspaceId} ${id}` },
        make: () => readLiveCutover(ports, workspaceId, id),
        ...judgeOf(ports, request, workspaceId),
      })
      return reply.send(stream.body)
    },
  })
}

/**
 * Whether a stream goes on. Memory is emptied of a token before its revocation is answered, so that no event goes out
 * after that answer; the stream itself ends at the next turn.
 */
function judgeOf(ports: CutoverStreamPorts, request: FastifyRequest<Asked>, workspaceId: Caller['workspaceId']) {
  const { credentials, workspaces } = ports
  let judged = request.authenticated
  return {
    async mayGoOn(): Promise<'yes' | 'no' | 'later'> {
      try {
        const authenticated = await authorizeAgain(credentials, request, scope)
        if (authenticated.generation !== judged?.generation) {
          const caller = await callerOf(request, workspaces, request.query.workspace)
          if (caller.workspaceId !== workspaceId) return 'no'
        }
        judged = authenticated
        return 'yes'
      } catch (error) {
        return isRefused(error) ? 'no' : 'later'
      }
    },
    isStillSo: () => judged !== null && credentials.isCurrent(judged),
  }
}

/** The caller's own fault; a store that does not answer is nobody's. */
function isRefused(error: unknown): boolean {
  if (error instanceof Refusal) return error.kind === 'scope_missing'
  return (
    error instanceof DomainError && ['token_invalid', 'workspace_unknown', 'workspace_required'].includes(error.code)
  )
}
