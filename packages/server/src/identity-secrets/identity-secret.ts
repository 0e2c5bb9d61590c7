import type { Platform } from '@cutover/contract'
import type { WorkspaceId } from '../workspaces/workspace.ts'

export type IdentitySecretId = string & { readonly brand: 'IdentitySecretId' }

export type Platforms = Readonly<Record<Platform, boolean>>

/** An identity secret as it is listed: the type has no place for its material. */
export interface IdentitySecret {
  readonly id: IdentitySecretId
  readonly workspaceId: WorkspaceId
  readonly name: string
  readonly platforms: Platforms
  readonly createdAtMs: number
}

/** 1 to 19 digits without a leading zero; `null` for anything else, and for what no store can have given out. */
export function parseIdentitySecretId(text: string): IdentitySecretId | null {
  if (!/^[1-9][0-9]{0,18}$/.test(text) || !Number.isSafeInteger(Number(text))) return null
  return text as IdentitySecretId // sound: the shape was just checked
}

/** What a kept answer that shows this secret is filed under. */
export function keptAnswerSubject(id: IdentitySecretId): string {
  return `identity_secret ${id}`
}
