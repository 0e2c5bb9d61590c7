import type { Caller } from './caller.ts'
import type { RunningCutover } from './start-cutover.ts'

const lanes = 8

interface Attempt {
  readonly name: string
  readonly idempotencyKey: string | null
  /** Known once a create was acknowledged. */
  id: string | null
  secret: string | null
  deletion: 'none' | 'asked' | 'acknowledged'
}

/** Random creates and deletes against one store, over all the processes that serve it, and what their caller knows. */
export class RandomChanges {
  readonly #random: () => number
  readonly #attempts: Attempt[] = []
  #acknowledged = 0
  #killedInFlight = 0

  constructor(seed: number) {
    this.#random = mulberry32(seed)
  }

  /** Several lanes at once; after `count` answers the process is killed, while the other lanes wait for theirs. */
  async runUntilKilled(cutover: RunningCutover & { readonly caller: Caller }, count: number): Promise<void> {
    let answered = 0
    let inFlight = 0
    let killed: Promise<unknown> | undefined
    const lane = async () => {
      while (killed === undefined) {
        inFlight += 1
        const wasAnswered = await this.#change(cutover.caller).then(
          () => true,
          () => false,
        )
        inFlight -= 1
        if (!wasAnswered) continue
        this.#acknowledged += 1
        answered += 1
        if (answered !== count) continue
        this.#killedInFlight += inFlight
        killed = cutover.kill('SIGKILL')
      }
    }
    await Promise.all(Array.from({ length: lanes }, lane))
    await killed
  }

  /** What the store shows otherwise than it was acknowledged; in words. */
  async faults(caller: Caller): Promise<readonly string[]> {
    const listed = new Map((await caller.list()).map(({ id, name }) => [id, name]))
    const perAttempt = this.#attempts.map(async (attempt) => {
      const { id, name, secret, deletion } = attempt
      if (id === null || secret === null) return []
      const present = listed.get(id) === name
      if (deletion === 'none' && !present) return [`${name} was acknowledged and is gone`]
      if (deletion === 'acknowledged' && listed.has(id)) return [`${name} is back after its delete`]
      // A delete without an answer happened or did not; from here on it is known which.
      if (deletion === 'asked') attempt.deletion = present ? 'none' : 'acknowledged'
      const { verified, secretId } = await caller.verify(secret)
      if (present && !(verified && secretId === id)) return [`${name} is listed and does not verify`]
      return present || !verified ? [] : [`${name} is deleted and verifies`]
    })
    return [...twice([...listed.values()]), ...(await Promise.all(perAttempt)).flat()]
  }

  /** Sends every create that was never answered again, with its key: whatever became of it, then there is one. */
  async repeatUnanswered(caller: Caller): Promise<readonly string[]> {
    const faults: string[] = []
    for (const attempt of this.#attempts) {
      if (attempt.id !== null || attempt.idempotencyKey === null) continue
      await this.#create(caller, attempt)
      if (attempt.id === null) faults.push(`${attempt.name} cannot be repeated`)
    }
    return faults
  }

  /** How many changes were acknowledged, and how many were under way when their process was killed. */
  counts(): { readonly acknowledged: number; readonly killedInFlight: number } {
    return { acknowledged: this.#acknowledged, killedInFlight: this.#killedInFlight }
  }

  async #change(caller: Caller): Promise<void> {
    const deletable = this.#attempts.filter(({ id, deletion }) => id !== null && deletion === 'none')
    const chosen = deletable[Math.floor(this.#random() * deletable.length)]
    if (chosen && this.#random() < 0.4) return this.#delete(caller, chosen)
    const name = `change ${this.#attempts.length}`
    const idempotencyKey = this.#random() < 0.5 ? `key-${this.#attempts.length}` : null
    const attempt: Attempt = { name, idempotencyKey, id: null, secret: null, deletion: 'none' }
    this.#attempts.push(attempt)
    return this.#create(caller, attempt)
  }

  async #create(caller: Caller, attempt: Attempt): Promise<void> {
    const { idempotencyKey } = attempt
    const { id, secret } = await caller.create(attempt.name, idempotencyKey === null ? {} : { idempotencyKey })
    Object.assign(attempt, { id, secret })
  }

  async #delete(caller: Caller, attempt: Attempt): Promise<void> {
    attempt.deletion = 'asked'
    const { status, text } = await caller.delete(attempt.id ?? '')
    if (status !== 204) throw new Error(`a delete was answered ${status}: ${text}`)
    attempt.deletion = 'acknowledged'
  }
}

function twice(names: readonly string[]): string[] {
  return names.filter((name, index) => names.indexOf(name) !== index).map((name) => `${name} is there twice`)
}

/** A small generator that is the same everywhere; nothing here needs to be unpredictable. */
function mulberry32(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}
