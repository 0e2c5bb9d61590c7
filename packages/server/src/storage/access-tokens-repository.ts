import type { Environment, Scope } from '@cutover/contract'
import type { Kysely } from 'kysely'
import type { AccessTokenId, Credential } from '../access-tokens/access-token.ts'
import type { AccessTokenReader, AccessTokenWriter } from '../access-tokens/ports.ts'
import type { WorkspaceId } from '../workspaces/workspace.ts'
import type { Database } from './schema.ts'

export function accessTokensRepository(db: Kysely<Database>): AccessTokenReader & AccessTokenWriter {
  return {
    async findByHash(hash) {
      const row = await db
        .selectFrom('access_tokens')
        .select(['id', 'name', 'workspace_id', 'scopes', 'environment', 'expires_at'])
        .where('token_hash', '=', hash)
        .where('revoked_at', 'is', null)
        .executeTakeFirst()
      return row ? toCredential(row) : null
    },

    async isLive(id, nowMs) {
      const row = await db
        .selectFrom('access_tokens')
        .select('id')
        .where('id', '=', id)
        .where('revoked_at', 'is', null)
        .where((eb) => eb.or([eb('expires_at', 'is', null), eb('expires_at', '>', nowMs)]))
        .executeTakeFirst()
      return row !== undefined
    },

    async insert(token) {
      await db
        .insertInto('access_tokens')
        .values({
          id: token.id,
          workspace_id: token.workspaceId,
          name: token.name,
          token_hash: token.hash,
          scopes: JSON.stringify(token.scopes),
          environment: token.environment,
          created_at: token.createdAtMs,
          created_by: token.createdBy,
          expires_at: token.expiresAtMs,
          revoked_at: null,
        })
        .execute()
    },
  }
}

interface CredentialRow {
  id: string
  name: string
  workspace_id: string | null
  scopes: string
  environment: string | null
  expires_at: number | null
}

/** Sound, each `as`: only values of these types are ever inserted, by `insert` above. */
function toCredential(row: CredentialRow): Credential {
  return {
    tokenId: row.id as AccessTokenId,
    tokenName: row.name,
    workspaceId: row.workspace_id as WorkspaceId | null,
    scopes: new Set(JSON.parse(row.scopes) as Scope[]),
    environment: row.environment as Environment | null,
    expiresAtMs: row.expires_at,
  }
}
