/** One side of a comparison: each call measures once and answers a figure. */
export type Contender = () => number | Promise<number>

/**
 * Measures all contenders in turn, round after round, so that whatever else the machine does meets all of them. Every
 * other round runs backwards: none is always the one that follows a pause.
 *
 * @returns the figures of each contender, in the order of the rounds
 */
export async function interleave<Name extends string>(
  contenders: Readonly<Record<Name, Contender>>,
  rounds: number,
): Promise<Readonly<Record<Name, readonly number[]>>> {
  const names = Object.keys(contenders) as Name[] // sound: the keys of the record are its names
  const figures = Object.fromEntries(names.map((name) => [name, []])) as unknown as Record<Name, number[]>
  for (const name of names) await contenders[name]() // Warm-up: compilers, caches, connections.
  for (let round = 0; round < rounds; round += 1) {
    for (const name of round % 2 === 0 ? names : names.toReversed()) figures[name].push(await contenders[name]())
  }
  return figures
}
