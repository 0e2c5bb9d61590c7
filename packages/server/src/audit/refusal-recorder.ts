import type { AuditAction } from '@cutover/contract'
import type { System } from '../system.ts'
import type { AuditActor, AuditDraft } from './audit-entry.ts'
import type { AuditTransactions } from './ports.ts'

export interface NotedRefusal {
  readonly chain: string
  readonly action: AuditAction
  readonly actor: AuditActor
  readonly code: string
  readonly method: string
  readonly route: string
  readonly requestId: string
  readonly ip: string
}

export interface RefusalPorts {
  readonly store: AuditTransactions
  readonly system: System
  onError(error: unknown): void
}

/** Distinct kinds of refusal that are told apart between two flushes; what comes on top is counted together. */
const maxKinds = 1000

/**
 * Records refused requests without letting a flood of them fill the disk or hold the chain's head: the first of a kind
 * is written at once, those that follow are counted and written as one entry at the next flush, once a minute.
 */
export class RefusalRecorder {
  readonly #ports: RefusalPorts
  #repeats = new Map<string, { readonly last: NotedRefusal; readonly count: number }>()
  #writing: Promise<void> = Promise.resolve()

  constructor(ports: RefusalPorts) {
    this.#ports = ports
  }

  note(refusal: NotedRefusal): void {
    const kind = kindOf(refusal)
    const before = this.#repeats.get(kind)
    if (before) {
      this.#repeats.set(kind, { last: refusal, count: before.count + 1 })
    } else if (this.#repeats.size < maxKinds) {
      this.#repeats.set(kind, { last: refusal, count: 0 })
      this.#write(refusal, 1)
    } else {
      this.#noteOverflow(refusal)
    }
  }

  /** Writes what was counted since the last flush, and resolves when everything noted so far is written. */
  async flush(): Promise<void> {
    const repeats = this.#repeats
    this.#repeats = new Map()
    for (const { last, count } of repeats.values()) if (count > 0) this.#write(last, count)
    await this.#writing
  }

  #noteOverflow(refusal: NotedRefusal): void {
    const anybody = { ...refusal, chain: 'instance', actor: { type: 'address', id: 'many', name: null } } as const
    const kind = `overflow ${refusal.code}`
    const count = (this.#repeats.get(kind)?.count ?? 0) + 1
    this.#repeats.set(kind, { last: anybody, count })
  }

  /** One after another: refusals never hold more than one connection. */
  #write(refusal: NotedRefusal, count: number): void {
    const atMs = this.#ports.system.nowMs()
    this.#writing = this.#writing
      .then(() => this.#ports.store.transaction((tx) => tx.audit.append(toDraft(refusal, count), atMs)))
      .then(() => {})
      .catch((error: unknown) => this.#ports.onError(error))
  }
}

function kindOf({ chain, action, actor, code, method, route }: NotedRefusal): string {
  return [chain, action, actor.type, actor.id, code, method, route].join('\n')
}

function toDraft(
  { chain, action, actor, code, method, route, requestId, ip }: NotedRefusal,
  count: number,
): AuditDraft {
  return {
    chain,
    action,
    actor,
    resource: { type: 'request', id: null },
    result: 'failure',
    metadata: { code, count, method, route },
    requestId,
    ip,
  }
}
