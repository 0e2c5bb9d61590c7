import type { Health } from '@cutover/contract'
import type { Credential } from '../../access-tokens/access-token.ts'
import { isoTime } from '../../iso-time.ts'
import type { WorkspaceDirectory } from '../../workspaces/workspace-directory.ts'

export interface OwnCredentialPorts {
  readonly workspaces: WorkspaceDirectory
  readonly isDemo: boolean
}

/** What a credential is and may do. An instance token need not name its workspace for this. */
export async function toOwnCredential(
  { workspaces, isDemo }: OwnCredentialPorts,
  credential: Credential,
  named: string | undefined,
): Promise<Omit<Health, 'status'>> {
  const isInstanceToken = credential.workspaceId === null && named === undefined
  return {
    workspaceId: isInstanceToken ? await workspaces.only() : await workspaces.resolveExisting(credential, named),
    tokenName: credential.tokenName,
    environment: credential.environment,
    scopes: [...credential.scopes],
    expiresAt: isoTime(credential.expiresAtMs),
    ...(isDemo ? { demo: true } : {}),
  }
}
