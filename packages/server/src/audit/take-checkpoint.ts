import type { AuditCheckpoint } from '@cutover/contract'
import { checkpointText } from '@cutover/signing'
import { isoTime } from '../iso-time.ts'
import type { System } from '../system.ts'
import type { AuditSigningKey } from './audit-signing-key.ts'
import type { AuditReader } from './ports.ts'

export interface CheckpointPorts {
  readonly audit: Pick<AuditReader, 'head'>
  readonly key: AuditSigningKey
  readonly system: System
}

/** How long `chain` is now and what it ends with, signed. */
export async function takeCheckpoint(ports: CheckpointPorts, chain: string): Promise<AuditCheckpoint> {
  const { size, hash } = await ports.audit.head(chain)
  const content = { chain, size, headHash: hash, time: isoTime(ports.system.nowMs()) }
  return { ...content, keyId: ports.key.jwk.kid, signature: ports.key.sign(checkpointText(content)) }
}
