import { expect } from 'vitest'
import { type ExposedSample, type Family, parseExposition } from './exposition.ts'
import type { InProcess } from './in-process.ts'

/** One scrape, and what it tells. */
export class Scrape {
  readonly families: ReadonlyMap<string, Family>
  readonly #samples: readonly ExposedSample[]

  constructor(text: string) {
    this.families = parseExposition(text)
    this.#samples = [...this.families.values()].flatMap(({ samples }) => samples)
  }

  /** Of the one sample with exactly these labels; `undefined`: there is none. */
  value(name: string, labels: Readonly<Record<string, string>> = {}): number | undefined {
    const isSame = (each: ExposedSample) =>
      Object.keys(each.labels).length === Object.keys(labels).length &&
      Object.entries(labels).every(([key, text]) => each.labels[key] === text)
    return this.#samples.find((each) => each.name === name && isSame(each))?.value
  }

  /** Of all samples of this name, by the values of their labels. */
  values(name: string): Readonly<Record<string, number>> {
    const own = this.#samples.filter((each) => each.name === name)
    return Object.fromEntries(own.map(({ labels, value }) => [Object.values(labels).join(' '), value]))
  }
}

export async function scrape({ call }: Pick<InProcess, 'call'>): Promise<Scrape> {
  const response = await call({ url: '/metrics', token: null })
  expect(response.statusCode).toBe(200)
  return new Scrape(response.body)
}
