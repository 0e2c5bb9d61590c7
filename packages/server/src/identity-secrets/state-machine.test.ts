import fc from 'fast-check'
import type { LightMyRequestResponse } from 'fastify'
import { describe, expect, it } from 'vitest'
import { type Created, IdentitySecrets } from '../../test/identity-secrets.ts'
import { engines, type InProcess, startInProcess } from '../../test/in-process.ts'
import type { IdentitySecretId } from './identity-secret.ts'
import { purgeDeletedSecrets } from './purge-deleted-secrets.ts'
import { startAwaitedGrace } from './start-awaited-grace.ts'

const weekMs = 7 * 86_400_000
const never = Number.POSITIVE_INFINITY

/** A secret as somebody would explain it who has only read the documentation. */
interface Model extends Created {
  /** Refused before this; `never`: until somebody enables it. */
  refusedUntilMs: number
  endsAtMs: number
  deletedAtMs: number
  successor: Model | null
  /** Its end begins with the first use of its successor, so long after. */
  awaitedGraceMs: number | null
}

function modelOf({ id, secret }: Created): Model {
  const untouched = { refusedUntilMs: -never, endsAtMs: never, deletedAtMs: never }
  return { id, secret, ...untouched, successor: null, awaitedGraceMs: null }
}

function isDeleted({ deletedAtMs }: Model): boolean {
  return deletedAtMs !== never
}

function isAccepted(model: Model, nowMs: number): boolean {
  return !isDeleted(model) && nowMs >= model.refusedUntilMs && nowMs < model.endsAtMs
}

type Step = (world: World) => Promise<void>

/** One server, its secrets, and what the model says of them. */
class World {
  readonly cutover: InProcess
  readonly secrets: IdentitySecrets
  readonly models: Model[] = []

  constructor(cutover: InProcess) {
    this.cutover = cutover
    this.secrets = new IdentitySecrets(cutover)
  }

  get nowMs(): number {
    return this.cutover.clock.nowMs
  }

  pick(which: number): Model {
    const model = this.models[which % this.models.length]
    if (!model) throw new Error('a world begins with a secret')
    return model
  }

  /** The moments at which something happens by itself, that are still to come. */
  boundariesMs(): number[] {
    return this.models
      .flatMap(({ refusedUntilMs, endsAtMs, deletedAtMs }) => [refusedUntilMs, endsAtMs, deletedAtMs + weekMs])
      .filter((atMs) => atMs > this.nowMs && atMs !== never)
      .sort((a, b) => a - b)
  }

  async check(): Promise<void> {
    const asked = this.models.filter((model) => !this.isAwaited(model))
    const accepted = await Promise.all(asked.map(({ secret }) => this.secrets.verifies(secret)))
    expect(accepted).toEqual(asked.map((model) => isAccepted(model, this.nowMs)))
  }

  /** To ask whether it verifies would be its first use. */
  isAwaited(successor: Model): boolean {
    return this.models.some(
      (model) => model.successor === successor && model.awaitedGraceMs !== null && this.nowMs < model.endsAtMs,
    )
  }
}

/** Whether the answer says that it was done; what is neither done nor refused as impossible is a fault. */
function wasDone({ statusCode }: LightMyRequestResponse): boolean {
  expect([200, 201, 204, 404, 409]).toContain(statusCode)
  return statusCode < 300
}

async function expectDone(answer: Promise<LightMyRequestResponse>, isPossible: boolean): Promise<boolean> {
  expect(wasDone(await answer)).toBe(isPossible)
  return isPossible
}

const seconds = fc.constantFrom(60, 90, 3600)
const which = fc.nat(5)

/** A step on one secret that is neither deleted nor at its end: elsewhere it is refused, and changes nothing. */
function onLive(
  which: number,
  act: (world: World, model: Model) => Promise<LightMyRequestResponse>,
  then: (model: Model, nowMs: number) => void,
): Step {
  return async (world) => {
    const model = world.pick(which)
    const isPossible = !isDeleted(model) && world.nowMs < model.endsAtMs
    if (await expectDone(act(world, model), isPossible)) then(model, world.nowMs)
  }
}

const disable = fc.tuple(which, fc.option(seconds)).map(([which, revertAfterSeconds]) =>
  onLive(
    which,
    ({ secrets }, { id }) => secrets.act(id, 'disable', revertAfterSeconds === null ? {} : { revertAfterSeconds }),
    (model, nowMs) => {
      model.refusedUntilMs = revertAfterSeconds === null ? never : nowMs + revertAfterSeconds * 1000
    },
  ),
)

const enable = which.map((which) =>
  onLive(
    which,
    ({ secrets }, { id }) => secrets.act(id, 'enable'),
    (model) => {
      model.refusedUntilMs = -never
    },
  ),
)

const retire = fc.tuple(which, fc.oneof(seconds, fc.constant(1))).map(([which, afterSeconds]) =>
  onLive(
    which,
    ({ secrets }, { id }) => secrets.act(id, 'retire', { afterSeconds }),
    (model, nowMs) => {
      model.endsAtMs = nowMs + afterSeconds * 1000
      model.awaitedGraceMs = null
    },
  ),
)

const cancel = which.map((which) =>
  onLive(
    which,
    ({ secrets }, { id }) => secrets.act(id, 'cancel-retirement'),
    (model) => {
      if (model.endsAtMs !== never) model.awaitedGraceMs = null
      model.endsAtMs = never
    },
  ),
)

const rotate = fc.tuple(which, fc.oneof(seconds, fc.constant(0)), fc.option(seconds)).map(
  ([which, graceSeconds, noLaterThanSeconds]): Step =>
    async (world) => {
      const model = world.pick(which)
      const awaits = noLaterThanSeconds !== null && graceSeconds >= 60
      const body = awaits ? { graceSeconds, start: 'first_use', noLaterThanSeconds } : { graceSeconds }
      const answer = await world.secrets.act(model.id, 'rotate', body)
      const isRotated = model.successor !== null && !isDeleted(model.successor)
      const isPossible = isAccepted(model, world.nowMs) && !isRotated
      expect(wasDone(answer)).toBe(isPossible)
      if (!isPossible) return
      model.successor = modelOf(answer.json())
      model.awaitedGraceMs = awaits ? graceSeconds * 1000 : null
      model.endsAtMs = Math.min(model.endsAtMs, world.nowMs + (awaits ? noLaterThanSeconds : graceSeconds) * 1000)
      world.models.push(model.successor)
    },
)

const use = which.map(
  (which): Step =>
    async (world) => {
      const awaited = world.models.filter((model) => world.isAwaited(model))
      const used = awaited[which % awaited.length] ?? world.pick(which)
      const { store, node } = world.cutover.cutover
      const system = { nowMs: () => world.nowMs, randomBytes: (length: number) => new Uint8Array(length) }
      const ports = { store, barrier: node, marks: null, lease: node, system, secrets: store.read.identitySecrets }
      await startAwaitedGrace(ports, [used.id as IdentitySecretId]) // sound: an id that the server gave out
      for (const model of world.models) {
        if (model.successor !== used || model.awaitedGraceMs === null || isDeleted(model)) continue
        model.endsAtMs = Math.min(model.endsAtMs, world.nowMs + model.awaitedGraceMs)
        model.awaitedGraceMs = null
      }
    },
)

const remove = which.map(
  (which): Step =>
    async (world) => {
      const model = world.pick(which)
      if (await expectDone(world.secrets.delete(model.id), !isDeleted(model))) model.deletedAtMs = world.nowMs
    },
)

const restore = which.map(
  (which): Step =>
    async (world) => {
      const model = world.pick(which)
      const isDisabled = !isDeleted(model) && world.nowMs < model.endsAtMs && model.refusedUntilMs === never
      const isRestorable = isDeleted(model) && world.nowMs < model.deletedAtMs + weekMs
      if (!(await expectDone(world.secrets.act(model.id, 'restore'), isDisabled || isRestorable)) || isDisabled) return
      const endsAtMs = model.endsAtMs > world.nowMs ? model.endsAtMs : never
      Object.assign(model, { deletedAtMs: never, refusedUntilMs: never, endsAtMs, awaitedGraceMs: null })
    },
)

const purge = fc.constant<Step>(async ({ cutover }) => {
  const { store } = cutover.cutover
  const system = { nowMs: () => cutover.clock.nowMs, randomBytes: (length: number) => new Uint8Array(length) }
  await purgeDeletedSecrets({ store, secrets: store.read.identitySecrets, system })
})

const forget = fc.constant<Step>(async ({ cutover }) => cutover.cutover.node.dropAll())

const pass = fc.constantFrom(1, 59_999, 60_000, 86_400_000, weekMs).map(
  (ms): Step =>
    async ({ cutover }) => {
      cutover.clock.nowMs += ms
    },
)

/** To the next moment at which something happens by itself, and to the millisecond before it. */
const approach = fc.constantFrom(0, 1).map(
  (beforeMs): Step =>
    async (world) => {
      const [next] = world.boundariesMs()
      if (next !== undefined) world.cutover.clock.nowMs = Math.max(world.nowMs, next - beforeMs)
    },
)

const steps = fc.array(
  fc.oneof(
    disable,
    enable,
    retire,
    cancel,
    rotate,
    use,
    remove,
    restore,
    purge,
    forget,
    pass,
    approach,
    approach,
    rotate,
    use,
  ),
  { minLength: 10, maxLength: 40 },
)

describe.each(engines)('on %s', (engine) => {
  it('at every moment of any history exactly those secrets verify that should', { timeout: 120_000 }, async () => {
    const environment = { CUTOVER_RATE_LIMIT_PER_MINUTE: '0', CUTOVER_MAX_ACTIVE_SECRETS: '1000' }
    await using cutover = await startInProcess({ engine, environment })
    const history = fc.asyncProperty(steps, async (taken) => {
      const world = new World(cutover)
      world.models.push(modelOf(await world.secrets.create()))
      for (const take of taken) {
        await take(world)
        await world.check()
      }
    })
    await fc.assert(history, { numRuns: engine === 'sqlite' ? 40 : 15 })
  })
})
