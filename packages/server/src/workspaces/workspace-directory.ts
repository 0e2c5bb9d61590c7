import type { Credential } from '../access-tokens/access-token.ts'
import type { Cache, Change } from '../cluster/ports.ts'
import { DomainError } from '../domain-error.ts'
import type { WorkspaceReader } from './ports.ts'
import type { WorkspaceId } from './workspace.ts'

const shape = /^ws_[0-9A-Za-z]{20}$/

/** Which workspace a call is about. The answer for instance tokens is kept until the feed tells of a change. */
export class WorkspaceDirectory implements Cache {
  readonly #reader: WorkspaceReader
  #only: WorkspaceId | null | undefined
  #generation = 0

  constructor(reader: WorkspaceReader) {
    this.#reader = reader
  }

  /**
   * The workspace in which `credential` acts when the call names `named`. A workspace token that names another
   * workspace learns no more than when it names one that does not exist. For an instance token the workspace is only
   * known to be well-formed: whoever reads or writes it finds out whether it exists.
   */
  async resolve(credential: Credential, named: string | undefined): Promise<WorkspaceId> {
    const id = this.recall(credential, named) ?? (await this.only())
    if (id === null) throw new DomainError('workspace_required')
    return id
  }

  /** As `resolve`, as far as it can be told without the store; `undefined`: only the store can tell. */
  recall(credential: Credential, named: string | undefined): WorkspaceId | undefined {
    if (credential.workspaceId !== null) {
      if (named !== undefined && named !== credential.workspaceId) throw new DomainError('workspace_unknown')
      return credential.workspaceId
    }
    return named === undefined ? (this.#only ?? undefined) : parseWorkspaceId(named)
  }

  /** As `resolve`, for a call that changes or lists: the workspace exists at this moment. */
  async resolveExisting(credential: Credential, named: string | undefined): Promise<WorkspaceId> {
    const id = await this.resolve(credential, named)
    if (!(await this.#reader.exists(id))) throw new DomainError('workspace_unknown')
    return id
  }

  /** The only workspace there is, or `null` when there are none or several. */
  async only(): Promise<WorkspaceId | null> {
    if (this.#only !== undefined) return this.#only
    const generation = this.#generation
    const ids = await this.#reader.firstIds(2)
    const only = ids.length === 1 ? (ids[0] ?? null) : null
    if (generation === this.#generation) this.#only = only
    return only
  }

  apply(change: Change): void {
    if (change.part === 'workspaces' || change.part === 'workspace_deleted') this.dropAll()
  }

  dropAll(): void {
    this.#generation += 1
    this.#only = undefined
  }
}

function parseWorkspaceId(text: string): WorkspaceId {
  if (!shape.test(text)) throw new DomainError('workspace_unknown')
  return text as WorkspaceId // sound: the shape was just checked
}
