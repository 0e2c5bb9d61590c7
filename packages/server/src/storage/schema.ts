import type { Generated, GeneratedAlways } from 'kysely'

/** One schema for both engines. Times are Unix milliseconds, flags are 0 or 1, lists are JSON text. */
export interface Database {
  workspaces: WorkspaceRow
  access_tokens: AccessTokenRow
  sessions: SessionRow
  access_token_uses: { token_id: string; scope: string; last_used_at: number }
  signing_secrets: SigningSecretRow
  revocation_epoch: { id: number; value: number }
  changes: ChangeRow
  nodes: NodeRow
  integrators: IntegratorRow
  consumed_signatures: { integrator_id: string; signature: string; expires_at: number }
  secret_uses: { secret_id: number; first_at: number; last_at: number }
  usage_counts: { secret_id: number; span_minutes: number; start: number; platform: string; count: number }
  /** Between two uses, by the day in which the later one was. */
  usage_pauses: { secret_id: number; day: number; longest_ms: number }
  /** An empty source: uses without one, and those of sources that are not kept. */
  usage_sources: { secret_id: number; source: string; count: number; last_seen_at: number }
  usage_reports: UsageReportRow
  /** By the hour. */
  verification_outcomes: { workspace_id: string; start: number; platform: string; outcome: string; count: number }
  kept_answers: KeptAnswerRow
  audit_log: AuditRow
  audit_heads: { chain: string; size: number; hash: string }
  /** One row. */
  audit_signing_key: { id: number; kid: string; sealed: string; created_at: number }
  /** `state`: see `MasterKeyState`. */
  master_key_checks: { kid: string; check_value: string; created_at: number; state: Generated<string> }
}

interface ChangeRow {
  epoch: number
  workspace_id: string | null
  part: string
  subject: string | null
  /** Where its entry is, by which a node knows that this is still the same store. */
  audit_chain: string | null
  audit_sequence: number | null
  audit_hash: string | null
}

interface NodeRow {
  node_id: string
  /** Counted up with each renewal: nobody fences a node that has renewed since it was seen. */
  renewals: number
  applied_epoch: number
  fenced: number
  version: string
  /** The `kid` of each master key that it opens with. */
  key_ids: string
  started_at: number
  renewed_at: number
  lease_ms: number
}

interface UsageReportRow {
  /** Of one run of one process; its node id changes whenever it has to register anew. */
  process_id: string
  node_id: string
  /** The last one written, so that none is counted twice. */
  batch: number
  /** What it verified before this moment is counted. */
  counted_until: number
  /** It ended without a last report, and verified nothing from then on. */
  ended_at: number | null
}

interface WorkspaceRow {
  id: string
  name: string
  created_at: number
  sequence: GeneratedAlways<number>
  deleted_at: number | null
  enforcement_web: Generated<string>
  enforcement_ios: Generated<string>
  enforcement_android: Generated<string>
  max_age_days: number | null
}

interface AccessTokenRow {
  id: string
  /** The order in which tokens were made, and the cursor of their list. */
  sequence: GeneratedAlways<number>
  /** `null`: an instance token. */
  workspace_id: string | null
  name: string
  token_hash: string
  scopes: string
  environment: string | null
  created_at: number
  created_by: string
  /** With `cascade`, a token goes when the one that made it or the one that rotated to it goes. */
  parent_id: string | null
  rotated_by: string | null
  expires_at: number | null
  successor_id: string | null
  revoked_at: number | null
  /** The change that revoked it. */
  revoked_epoch: number | null
}

/** Ended ones have no row. */
interface SessionRow {
  id: string
  key_hash: string
  token_id: string
  created_at: number
  last_used_at: number
  expires_at: number
}

interface IntegratorRow {
  /** The order in which they were made, and the cursor of their list. */
  sequence: GeneratedAlways<number>
  id: string
  key: string
  workspace_id: string
  name: string
  created_at: number
  created_by: string
  deleted_at: number | null
  deleted_by: string | null
  /** The change that deleted it. */
  revoked_epoch: number | null
  /** How many rows of `consumed_signatures` are its own. */
  consumed_signatures: Generated<number>
}

interface SigningSecretRow {
  /** Never reused, not even after the row with the highest id has gone. */
  id: GeneratedAlways<number>
  workspace_id: string
  /** `null`: a secret that users are signed with. */
  integrator_id: string | null
  name: string
  web: number
  ios: number
  android: number
  fingerprint: string
  /** JWE bound to this row; `null` for the moment between its insert and its sealing, in one transaction. */
  sealed: string | null
  created_at: number
  created_by: string
  expires_at: number | null
  disabled_at: number | null
  /** From this very moment on it is accepted again by itself. */
  enable_at: number | null
  deleted_at: number | null
  deleted_by: string | null
  /** The change that deleted it. */
  revoked_epoch: number | null
  /** When its material was destroyed; the row stays, so that it is known who deleted it and when. */
  purged_at: number | null
  successor_id: number | null
  /** The successor whose first use starts the end of this one, and how long after it that is. */
  awaited_id: number | null
  awaited_grace_ms: number | null
  /** Its uses are counted from here on. */
  tracked_since: number | null
}

interface KeptAnswerRow {
  token_id: string
  workspace_id: string
  method: string
  path: string
  idempotency_key: string
  body_hash: string
  /** JWE; `null` once the secret in it is deleted. */
  sealed_answer: string | null
  /** What the answer shows, and what it is destroyed with. */
  subject: string
  epoch: number
  created_at: number
  expires_at: number
}

interface AuditRow {
  chain: string
  sequence: number
  timestamp: number
  action: string
  actor_type: string
  actor_id: string
  actor_name: string | null
  resource_type: string
  resource_id: string | null
  result: string
  metadata: string
  request_id: string | null
  ip: string | null
  previous_hash: string
  hash: string
}
