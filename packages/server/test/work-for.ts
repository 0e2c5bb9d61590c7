/** Keeps this thread busy for so much processor time: no timer fires meanwhile, as in a round of many requests. */
export function workFor(durationMs: number): void {
  const end = workedMs() + durationMs
  while (workedMs() < end);
}

function workedMs(): number {
  const { user, system } = process.threadCpuUsage()
  return (user + system) / 1000
}
