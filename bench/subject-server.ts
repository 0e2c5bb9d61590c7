/** A server under load: Cutover itself, or the bare one beside it. */
export interface SubjectServer extends AsyncDisposable {
  readonly port: number
  readonly token: string
}

/** Processor seconds that a server has used so far, by its own account in the Prometheus format. */
export async function cpuSeconds({ port }: SubjectServer): Promise<number> {
  const exposition = await (await fetch(`http://127.0.0.1:${port}/metrics`)).text()
  const value = /^process_cpu_seconds_total (\S+)$/m.exec(exposition)?.[1]
  if (value === undefined) throw new Error('the server does not tell its processor time')
  return Number(value)
}
