export type Labels = Readonly<Record<string, string>>
export type Sample = readonly [labels: Labels, value: number]

/** How many observations were up to each bound and above the one before; one more number than bounds. */
export interface Distribution {
  readonly bounds: readonly number[]
  readonly counts: readonly number[]
  readonly sum: number
}

export interface SampledValue {
  readonly labels: Readonly<Record<string, string | number>>
  readonly value: number
  /** Absent: that of the family. */
  readonly metricName?: string
}

/** A metric that holds nothing itself: what it shows is read at each scrape. */
export interface MetricFamily {
  readonly name: string
  get(): Promise<{
    readonly name: string
    readonly help: string
    readonly type: 'counter' | 'gauge' | 'histogram'
    readonly values: readonly SampledValue[]
  }>
}

export function counter(name: string, help: string, read: () => readonly Sample[]): MetricFamily {
  return { name, get: async () => ({ name, help, type: 'counter', values: read().map(toValue) }) }
}

export function gauge(
  name: string,
  help: string,
  read: () => readonly Sample[] | Promise<readonly Sample[]>,
): MetricFamily {
  return { name, get: async () => ({ name, help, type: 'gauge', values: (await read()).map(toValue) }) }
}

export function histogram(
  name: string,
  help: string,
  read: () => readonly (readonly [labels: Labels, distribution: Distribution])[],
): MetricFamily {
  const values = ([labels, distribution]: readonly [Labels, Distribution]) => toValues(name, labels, distribution)
  return { name, get: async () => ({ name, help, type: 'histogram', values: read().flatMap(values) }) }
}

function toValue([labels, value]: Sample): SampledValue {
  return { labels, value }
}

/** Each bucket with all that is in the smaller ones, as the exposition format has it. */
function toValues(name: string, labels: Labels, { bounds, counts, sum }: Distribution): SampledValue[] {
  const upTo = (end: number) => counts.slice(0, end).reduce((total, count) => total + count, 0)
  const all = upTo(counts.length)
  return [
    ...bounds.map((le, at) => ({ metricName: `${name}_bucket`, labels: { ...labels, le }, value: upTo(at + 1) })),
    { metricName: `${name}_bucket`, labels: { ...labels, le: '+Inf' }, value: all },
    { metricName: `${name}_sum`, labels, value: sum },
    { metricName: `${name}_count`, labels, value: all },
  ]
}
