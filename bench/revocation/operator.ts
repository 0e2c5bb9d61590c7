import { setTimeout as pause } from 'node:timers/promises'
import type { Random } from '../../test-support/random.ts'
import type { Cluster } from './cluster.ts'
import type { Answer, Connections, Unanswered } from './connection.ts'
import type { Moment } from './moment.ts'
import type { Node } from './node.ts'
import type { Population } from './population.ts'
import { show } from './questions.ts'
import type { RecordedOperation, Recorder } from './recorder.ts'
import { type Kind, type Request, type Subject, showIntegrator, showSecret, textOf } from './subjects.ts'

/** Longer than any change waits. */
const patienceMs = 15_000
const longestPatienceMs = 1500
const againAfterMs = 100
/** So long a node that something is wrong with may take to accept what is to be deleted. */
const mostForTheFaultyMs = 700

export interface OperatorOptions {
  readonly cluster: Cluster
  readonly recorder: Recorder
  readonly random: Random
  readonly population: Population
  readonly moment: Moment
  /** How many deletes wait for the moment. */
  readonly patience: number
  /** Nobody answers any more: what is under way is left. */
  readonly ended: AbortSignal
}

/** A place in which subjects live: with a secret that stays, by which tokens are tried. */
export interface Workspace {
  readonly id: string
  readonly secret: string
}

/** Makes, uses and revokes one subject after the other, through any node. */
export class Operator {
  readonly #cluster: Cluster
  readonly #recorder: Recorder
  readonly #random: Random
  readonly #population: Population
  readonly #moment: Moment
  readonly #patience: number
  readonly #ended: AbortSignal
  readonly #workspaces: readonly Workspace[]

  constructor(
    { cluster, recorder, random, population, moment, patience, ended }: OperatorOptions,
    workspaces: readonly Workspace[],
  ) {
    this.#cluster = cluster
    this.#recorder = recorder
    this.#random = random
    this.#population = population
    this.#moment = moment
    this.#patience = patience
    this.#ended = ended
    this.#workspaces = workspaces
  }

  /** One lane; more may run at once. What was begun when it is over is brought to its end. */
  async run(isOver: () => boolean): Promise<void> {
    while (!isOver()) {
      const subject = await this.#make(isOver)
      if (!subject) continue
      await this.#live(subject)
      await this.#revoke(subject)
    }
  }

  async #make(isOver: () => boolean): Promise<Subject | null> {
    const kind = this.#random.pick<Kind>([
      ...Array<Kind>(4).fill('identity secret'),
      'access token',
      'integrator secret',
    ])
    const { id: workspaceId, secret: lasting } = this.#random.pick(this.#workspaces)
    const number = this.#recorder.newNumber()
    const idempotencyKey = `subject-${number}`
    const request = { ...requestToMake(kind, `Subject ${number}`), token: this.#cluster.token }
    const text = textOf({
      ...request,
      headers: { 'Cutover-Workspace': workspaceId, 'Idempotency-Key': idempotencyKey },
    })
    // Not known until it is answered, nobody can show it: tried again until then, as one create.
    while (!isOver()) {
      const { operation, answer } = await this.#ask('create', number, text, [200, 201])
      if (operation.outcome !== 'ok' || answer.status === null) continue
      const subject = subjectOf(kind, number, workspaceId, JSON.parse(answer.body), {
        token: this.#cluster.token,
        lasting,
      })
      this.#population.live.add(subject)
      return subject
    }
    return null
  }

  /** Every node that can has accepted it before it goes, so that each holds what is to be forgotten. */
  async #live(subject: Subject): Promise<void> {
    if (subject.kind === 'identity secret' && this.#random.chance(0.15)) await this.#disableAndEnable(subject)
    if (subject.kind === 'identity secret' && this.#random.chance(0.1)) await this.#retire(subject)
    if (this.#random.chance(0.3)) await pause(this.#random.between(0, 300))
    await Promise.all(this.#cluster.nodes.map((node) => this.#seeLive(node, subject)))
    if (this.#random.chance(this.#patience)) await this.#moment.wait(longestPatienceMs)
  }

  async #seeLive(node: Node, subject: Subject): Promise<void> {
    const nowMs = performance.now()
    const asking = show(this.#recorder, node, subject)
    if (this.#recorder.isCalm(node.name, nowMs, nowMs)) await asking
    else await Promise.race([asking, pause(mostForTheFaultyMs)])
  }

  async #revoke(subject: Subject): Promise<void> {
    for (let isFirst = true; ; isFirst = false) {
      const request = { ...this.#requestToRevoke(subject), token: this.#cluster.token }
      // An attempt before may have been done, whose answer was lost: then a DELETE says so, when it may.
      const good = !isFirst && request.method === 'DELETE' ? [204, 404] : [200, 204]
      const { operation } = await this.#ask('delete', subject.number, textOf(request), good)
      if (operation.outcome === 'ok') break
    }
    this.#population.revoke(subject)
    for (const node of this.#cluster.nodes) {
      void show(this.#recorder, node, subject)
      void show(this.#recorder, node, subject, { isNew: true })
    }
  }

  async #disableAndEnable(subject: Subject): Promise<void> {
    const { token } = this.#cluster
    const path = `/v1/identity-secrets/${subject.id}`
    const headers = { 'Cutover-Workspace': subject.workspaceId }
    const request = { method: 'POST', token, headers, body: {} } as const
    await this.#ask('disable', subject.number, textOf({ ...request, path: `${path}/disable` }), [200])
    await Promise.all(this.#cluster.nodes.map((node) => this.#seeLive(node, subject)))
    await this.#ask('enable', subject.number, textOf({ ...request, path: `${path}/enable` }), [200])
  }

  /** And waits for its end, on every node. */
  async #retire(subject: Subject): Promise<void> {
    const text = textOf({
      method: 'POST',
      path: `/v1/identity-secrets/${subject.id}/retire`,
      token: this.#cluster.token,
      headers: { 'Cutover-Workspace': subject.workspaceId },
      body: { afterSeconds: this.#random.pick([1, 2, 3]) },
    })
    const { operation, answer } = await this.#ask('retire', subject.number, text, [200])
    if (answer.status !== 200) return
    // The store's clock is the wall clock of this machine.
    operation.endsMs = Date.parse(JSON.parse(answer.body).expiresAt) - Date.now() + performance.now()
    for (const untilMs = operation.endsMs + 500; performance.now() < untilMs; await pause(20)) {
      for (const node of this.#cluster.nodes) void show(this.#recorder, node, subject)
    }
  }

  /** Stopped, cut off or slow it may be, but it is there. */
  async #someNode(): Promise<{ readonly node: Node; readonly connections: Connections }> {
    for (;;) {
      this.#ended.throwIfAborted()
      const node = this.#random.pick(this.#cluster.nodes)
      if (node.connections) return { node, connections: node.connections }
      await pause(1)
    }
  }

  #requestToRevoke({ kind, id, key, workspaceId, number }: Subject): Request {
    const headers = { 'Cutover-Workspace': workspaceId }
    if (kind === 'identity secret') return { method: 'DELETE', path: `/secure_mode_secrets/${id}`, headers }
    if (kind === 'access token') return { method: 'DELETE', path: `/v1/access-tokens/${id}`, headers }
    if (this.#random.chance(0.5)) return { method: 'DELETE', path: `/v1/integrators/${id}`, headers }
    return {
      method: 'POST',
      path: '/v1/integrator/regenerate-secret',
      headers: { ...headers, 'X-Integrator-Key': key ?? '', 'Idempotency-Key': `regenerate-${number}` },
    }
  }

  /** Through some node; one whose answer is lost, or is none of `good`, happened or not. */
  async #ask(
    kind: RecordedOperation['kind'],
    secret: number,
    text: string,
    good: readonly number[],
  ): Promise<{ operation: RecordedOperation; answer: Answer | Unanswered }> {
    const { node, connections } = await this.#someNode()
    const operation = this.#recorder.operation(kind, secret, node.name)
    // Some callers hang up, and ask again.
    const timeoutMs = this.#random.chance(0.05) ? this.#random.between(1, 60) : patienceMs
    const answer = await connections.ask(text, { timeoutMs })
    if (answer.status !== null && good.includes(answer.status)) {
      Object.assign(operation, { outcome: 'ok', okMs: answer.answeredMs })
    } else {
      if (answer.status !== null && ![404, 409, 503].includes(answer.status)) {
        this.#recorder.surprises.push(`${kind} on ${node.name} was answered ${answer.status}: ${answer.body}`)
      }
      await pause(againAfterMs)
    }
    return { operation, answer }
  }
}

function requestToMake(kind: Kind, name: string): Request {
  if (kind === 'access token') {
    return { method: 'POST', path: '/v1/access-tokens', body: { name, scopes: ['verify'] } }
  }
  if (kind === 'integrator secret') return { method: 'POST', path: '/v1/integrators', body: { name } }
  const body = { name, supports_web: true, supports_ios: true, supports_android: true }
  return { method: 'POST', path: '/secure_mode_secrets', body }
}

function subjectOf(
  kind: Kind,
  number: number,
  workspaceId: string,
  made: { readonly id: string; readonly secret: string; readonly token: string; readonly key: string },
  { token, lasting }: { readonly token: string; readonly lasting: string },
): Subject {
  const { id, secret, key = null } = made
  const shown: Record<Kind, () => string> = {
    'identity secret': () => showSecret({ token, workspaceId, secret }),
    'access token': () => showSecret({ token: made.token, workspaceId, secret: lasting }),
    'integrator secret': () => showIntegrator({ key: made.key, secret }),
  }
  return { number, kind, id, key, workspaceId, show: shown[kind] }
}
