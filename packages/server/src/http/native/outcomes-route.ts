import { type OutcomeCounts, operations, type verificationOutcomes } from '@cutover/contract'
import type { FastifyInstance } from 'fastify'
import type { CredentialCache } from '../../access-tokens/credential-cache.ts'
import { isoTime } from '../../iso-time.ts'
import type { OutcomeReader } from '../../workspaces/ports.ts'
import type { WorkspaceDirectory } from '../../workspaces/workspace-directory.ts'
import { callerOf } from '../caller.ts'
import { authorize } from '../plugins/authorization.ts'
import { problemDialect } from '../problem.ts'
import { parsePeriod } from './time-field.ts'

export interface OutcomesPorts {
  readonly credentials: CredentialCache
  readonly workspaces: WorkspaceDirectory
  readonly outcomes: Pick<OutcomeReader, 'hourly'>
  readonly system: { nowMs(): number }
}

type Outcome = (typeof verificationOutcomes)[number]

const dayMs = 86_400_000

export function outcomesRoute(app: FastifyInstance, ports: OutcomesPorts): void {
  app.get<{ Querystring: { from?: string; to?: string } }>('/v1/verifications/outcomes', {
    schema: operations.readOutcomes,
    config: { dialect: problemDialect },
    onRequest: authorize(ports.credentials, 'read_secure_mode_secret'),
    handler: async (request): Promise<OutcomeCounts> => {
      const { fromMs, toMs } = parsePeriod(request.query, ports.system.nowMs())
      const { workspaceId } = await callerOf(request, ports.workspaces)
      const rows = await ports.outcomes.hourly(workspaceId, { fromMs: fromMs ?? toMs - dayMs, toMs })
      const data = rows.map(({ hourMs, platform, outcome, count }) => ({
        ...{ start: isoTime(hourMs), platform, count },
        outcome: outcome as Outcome, // sound: only outcomes are counted
      }))
      return { data }
    },
  })
}
