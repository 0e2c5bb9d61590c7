/** Where an attacker attacks. */
export interface Attacked {
  readonly port: number
  /** A good one: some attackers are clients. */
  readonly token: string
  /** What the attack may keep open at a time. */
  readonly connections: number
}

/** What came of an attack: how often it was answered with which status, or cut. */
export class Tally {
  readonly #counts = new Map<string, number>()

  add(what: string): void {
    this.#counts.set(what, (this.#counts.get(what) ?? 0) + 1)
  }

  toObject(): Readonly<Record<string, number>> {
    return Object.fromEntries([...this.#counts].sort())
  }
}

/** Begins an attack that goes on until its process ends; resolves once it is under way. */
export type Attack = (attacked: Attacked, tally: Tally) => Promise<void>
