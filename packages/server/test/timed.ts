export interface Timed<Result> {
  readonly result: Result
  readonly elapsedMs: number
}

export async function timed<Result>(work: () => Promise<Result>): Promise<Timed<Result>> {
  const startMs = performance.now()
  const result = await work()
  return { result, elapsedMs: performance.now() - startMs }
}
