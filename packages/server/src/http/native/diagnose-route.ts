import { type Diagnosis, type DiagnosisRequest, operations } from '@cutover/contract'
import type { FastifyInstance } from 'fastify'
import type { CredentialCache } from '../../access-tokens/credential-cache.ts'
import { type DiagnosePorts, diagnoseVerification } from '../../verification/diagnose-verification.ts'
import type { SignedQuestion } from '../../verification/diagnosis/diagnose.ts'
import { hintOf } from '../../verification/diagnosis/hint.ts'
import type { WorkspaceDirectory } from '../../workspaces/workspace-directory.ts'
import { callerOf } from '../caller.ts'
import { authorize } from '../plugins/authorization.ts'
import { problemDialect } from '../problem.ts'
import { type FieldFault, Refusal } from '../refusal.ts'
import { questionFaults } from './verification-wire.ts'

export interface DiagnoseRoutePorts extends DiagnosePorts {
  readonly credentials: CredentialCache
  readonly workspaces: WorkspaceDirectory
}

export function diagnoseRoute(app: FastifyInstance, ports: DiagnoseRoutePorts): void {
  app.post<{ Body: DiagnosisRequest }>('/v1/verifications/diagnose', {
    schema: operations.diagnose,
    config: { dialect: problemDialect, auditAction: 'verification.diagnosed' },
    onRequest: authorize(ports.credentials, 'diagnose'),
    handler: async (request): Promise<Diagnosis> => {
      const { body, id: requestId, ip } = request
      const { platform } = body
      const question = parseQuestion(body)
      const { workspaceId, actor } = await callerOf(request, ports.workspaces, body.workspaceId)
      const diagnosis = await diagnoseVerification(ports, { workspaceId, actor, platform, question, requestId, ip })
      const { finding } = diagnosis
      return { verified: finding === 'verified', finding, hint: hintOf(diagnosis, platform, question.method) }
    },
  })
}

/** Where nothing was signed, or nobody is named, there is nothing to find. */
function parseQuestion(body: DiagnosisRequest): SignedQuestion {
  const faults = questionFaults(body)
  if (faults.length > 0) throw new Refusal('fields_invalid', { faults })
  const { userId, email, userHash, jwt } = body
  if (jwt !== undefined) {
    const identifiers = userId === undefined ? null : { expected: userId, unused: email ?? null }
    return { method: 'jwt', jwt, identifiers }
  }
  if (userHash === undefined) throw missing('userHash', 'userHash or jwt is required')
  const expected = userId ?? email
  if (expected === undefined) throw missing('userId', 'userId or email is required with userHash')
  const unused = userId === undefined ? null : (email ?? null)
  return { method: 'userHash', userHash, identifiers: { expected, unused } }
}

function missing(field: string, message: string): Refusal {
  const fault: FieldFault = { field, message, isTypeMismatch: false }
  return new Refusal('fields_invalid', { faults: [fault] })
}
