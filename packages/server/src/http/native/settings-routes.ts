import { headers, operations, type Platform, type Readiness24h, type Settings } from '@cutover/contract'
import type { FastifyInstance } from 'fastify'
import type { CredentialCache } from '../../access-tokens/credential-cache.ts'
import type { ChangePorts } from '../../cluster/commit-change.ts'
import { DomainError } from '../../domain-error.ts'
import { changeSettings, type SettingsTransaction } from '../../workspaces/change-settings.ts'
import type { OutcomeCount, OutcomeReader, SettingsStore } from '../../workspaces/ports.ts'
import type { WorkspaceDirectory } from '../../workspaces/workspace-directory.ts'
import { callerOf } from '../caller.ts'
import { authorize } from '../plugins/authorization.ts'
import { problemDialect } from '../problem.ts'

export interface SettingsRoutePorts extends ChangePorts<SettingsTransaction> {
  readonly credentials: CredentialCache
  readonly workspaces: WorkspaceDirectory
  readonly settings: Pick<SettingsStore, 'find'>
  readonly outcomes: OutcomeReader
}

const readinessMs = 86_400_000

export function settingsRoutes(app: FastifyInstance, ports: SettingsRoutePorts): void {
  const mayRead = authorize(ports.credentials, 'read_settings')
  const config = { dialect: problemDialect }

  app.get('/v1/settings', {
    schema: operations.readSettings,
    config,
    onRequest: mayRead,
    handler: async (request): Promise<Settings> => {
      const { workspaceId } = await callerOf(request, ports.workspaces)
      const settings = await ports.settings.find(workspaceId)
      if (!settings) throw new DomainError('workspace_unknown')
      return { enforcement: { ...settings.enforcement }, rotationPolicy: { ...settings.rotationPolicy } }
    },
  })

  app.put<{ Body: Settings }>('/v1/settings', {
    schema: operations.changeSettings,
    config: { ...config, auditAction: 'settings.changed' },
    onRequest: authorize(ports.credentials, 'write_settings'),
    handler: async (request, reply) => {
      const { workspaceId, actor } = await callerOf(request, ports.workspaces)
      const command = { workspaceId, settings: request.body, actor, requestId: request.id, ip: request.ip }
      const epoch = await changeSettings(ports, command)
      return reply.header(headers.revocationEpoch, epoch).send(request.body)
    },
  })

  app.get('/v1/settings/readiness', {
    schema: operations.readReadiness,
    config,
    onRequest: mayRead,
    handler: async (request): Promise<Readiness24h> => {
      const { workspaceId } = await callerOf(request, ports.workspaces)
      const counts = await ports.outcomes.countsSince(workspaceId, ports.system.nowMs() - readinessMs)
      return { web: shares(counts, 'web'), ios: shares(counts, 'ios'), android: shares(counts, 'android') }
    },
  })
}

function shares(counts: readonly OutcomeCount[], platform: Platform): Readiness24h[Platform] {
  const ofPlatform = counts.filter((each) => each.platform === platform)
  const sum = (isWanted: (outcome: string) => boolean) =>
    ofPlatform.reduce((total, { outcome, count }) => total + (isWanted(outcome) ? count : 0), 0)
  const total = sum(() => true)
  const share = (part: number) => (total === 0 ? null : part / total)
  return {
    total,
    signedShare: share(sum((outcome) => outcome === 'verified')),
    unsignedShare: share(sum((outcome) => outcome === 'unsigned')),
    failingShare: share(sum((outcome) => outcome !== 'verified' && outcome !== 'unsigned')),
  }
}
