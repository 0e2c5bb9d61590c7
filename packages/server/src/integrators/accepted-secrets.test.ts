import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { engines, type InProcess, startInProcess } from '../../test/in-process.ts'
import {
  createIntegrator,
  currentSecrets,
  fingerprintOf,
  problemOf,
  regeneration,
  type Signing,
  standing,
} from '../../test/integrators.ts'

/** The rules and nothing else: until when each secret that ever was is accepted. */
class Model {
  readonly #endsMs = new Map<string, number>()
  current: string

  constructor(secret: string) {
    this.current = secret
    this.#endsMs.set(secret, Number.POSITIVE_INFINITY)
  }

  get all(): readonly string[] {
    return [...this.#endsMs.keys()]
  }

  accepts(secret: string, nowMs: number): boolean {
    return nowMs < (this.#endsMs.get(secret) ?? 0)
  }

  regenerate(secret: string, graceMs: number, nowMs: number): void {
    if (graceMs === 0) for (const each of this.all) this.#endsMs.set(each, 0)
    else this.#endsMs.set(this.current, nowMs + graceMs)
    this.#endsMs.set(secret, Number.POSITIVE_INFINITY)
    this.current = secret
  }

  /** Milliseconds to the next end of a grace, or `null`. */
  untilNextEnd(nowMs: number): number | null {
    const next = Math.min(...[...this.#endsMs.values()].filter((endMs) => endMs > nowMs))
    return Number.isFinite(next) ? next - nowMs : null
  }
}

const steps = fc.array(
  fc.oneof(
    { weight: 4, arbitrary: fc.record({ kind: fc.constant('regenerate' as const), graceSeconds: graces() }) },
    { weight: 1, arbitrary: fc.record({ kind: fc.constant('regenerate with an old one' as const), at: fc.nat(5) }) },
    { weight: 2, arbitrary: fc.record({ kind: fc.constant('wait' as const), ms: fc.nat(90_000) }) },
    // To the last millisecond of a grace, to its end, and past it.
    {
      weight: 4,
      arbitrary: fc.record({ kind: fc.constant('near an end' as const), offMs: fc.integer({ min: -1, max: 1 }) }),
    },
    { weight: 2, arbitrary: fc.constant({ kind: 'forget' as const }) },
    { weight: 1, arbitrary: fc.constant({ kind: 'restart' as const }) },
  ),
  { minLength: 3, maxLength: 10 },
)
type Step = typeof steps extends fc.Arbitrary<(infer Each)[]> ? Each : never

function graces() {
  return fc.constantFrom(0, 0, 0.001, 1, 30, 60, 60.5, 3600)
}

/** One server after another on one store, and one integrator of theirs. */
class Run {
  readonly #id: string
  readonly #key: string
  readonly #model: Model
  #cutover: InProcess

  constructor(cutover: InProcess, { id, key, secret }: Signing & { readonly id: string }) {
    this.#cutover = cutover
    this.#id = id
    this.#key = key
    this.#model = new Model(secret)
  }

  get cutover(): InProcess {
    return this.#cutover
  }

  async take(step: Step): Promise<void> {
    const { clock } = this.#cutover
    switch (step.kind) {
      case 'regenerate':
        return this.#regenerate(step.graceSeconds)
      case 'regenerate with an old one':
        return this.#failToRegenerate(step.at)
      case 'wait':
        clock.nowMs += step.ms
        return
      case 'near an end':
        clock.nowMs += Math.max(0, (this.#model.untilNextEnd(clock.nowMs) ?? 0) + step.offMs)
        return
      case 'forget':
        return this.#cutover.cutover.node.dropAll()
      case 'restart':
        this.#cutover = await this.#cutover.restart()
    }
  }

  /** Every secret that ever was is accepted as the model says, and the store has exactly one current one. */
  async check(): Promise<void> {
    const { nowMs } = this.#cutover.clock
    for (const secret of this.#model.all) {
      const expected = this.#model.accepts(secret, nowMs) ? 'accepted' : 'signature_invalid'
      expect(await standing(this.#cutover, { key: this.#key, secret })).toBe(expected)
    }
    expect(await currentSecrets(this.#cutover, this.#id)).toEqual([fingerprintOf(this.#model.current)])
  }

  async #regenerate(graceSeconds: number): Promise<void> {
    const signing = { key: this.#key, secret: this.#model.current }
    const response = await this.#cutover.call(regeneration(this.#cutover, signing, graceSeconds))
    expect(response.statusCode).toBe(200)
    this.#model.regenerate(response.json().secret, graceSeconds * 1000, this.#cutover.clock.nowMs)
  }

  async #failToRegenerate(at: number): Promise<void> {
    const old = this.#model.all.filter((secret) => secret !== this.#model.current)
    const secret = old[at % Math.max(1, old.length)]
    if (secret === undefined) return
    const response = await this.#cutover.call(regeneration(this.#cutover, { key: this.#key, secret }, 60))
    const isRetiring = this.#model.accepts(secret, this.#cutover.clock.nowMs)
    expect(problemOf(response)).toEqual(isRetiring ? [409, 'rotation_conflict'] : [401, 'signature_invalid'])
  }
}

describe.each(engines)('whatever regenerations, waits and restarts come, on %s', (engine) => {
  it('exactly the secrets that the rules allow are accepted, at every instant', { timeout: 60_000 }, async () => {
    let cutover = await startInProcess({ engine, environment: { CUTOVER_RATE_LIMIT_PER_MINUTE: '0' } })
    const property = fc.asyncProperty(steps, async (sequence) => {
      const run = new Run(cutover, await createIntegrator(cutover))
      try {
        for (const step of sequence) {
          await run.take(step)
          await run.check()
        }
      } finally {
        cutover = run.cutover
      }
    })
    try {
      await fc.assert(property, { numRuns: engine === 'sqlite' ? 30 : 8 })
    } finally {
      await cutover[Symbol.asyncDispose]()
    }
  })
})
