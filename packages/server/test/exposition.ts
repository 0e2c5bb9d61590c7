/** What a family of metrics shows, as a Prometheus server reads it. */
export interface Family {
  readonly name: string
  readonly help: string
  readonly type: string
  readonly samples: readonly ExposedSample[]
}

export interface ExposedSample {
  readonly name: string
  readonly labels: Readonly<Record<string, string>>
  readonly value: number
}

const metricName = '[a-zA-Z_:][a-zA-Z0-9_:]*'
const label = '[a-zA-Z_][a-zA-Z0-9_]*="(?:[^"\\\\\\n]|\\\\[\\\\"n])*"'
const head = new RegExp(`^# HELP (${metricName}) (.*)\\n# TYPE (${metricName}) (counter|gauge|histogram|summary)$`)
/** As Go's ParseFloat reads it, which minds no case; what has no samples yet may be no number. */
const number = /^(?:[+-]?(?:\d+(?:\.\d+)?(?:e[+-]?\d+)?|inf)|nan)$/i
const sample = new RegExp(`^(${metricName})(?:\\{(${label}(?:,${label})*)\\})? (\\S+)$`)

/**
 * Reads the text exposition format 0.0.4, and throws at whatever is not of it: two families of one name, a sample of
 * another family or that was there before, a value that is no number, buckets that do not add up.
 */
export function parseExposition(text: string): ReadonlyMap<string, Family> {
  if (!text.endsWith('\n')) throw new Error('the last line has no end')
  const families = new Map<string, Family>()
  for (const block of text.split(/^(?=# HELP )/m)) {
    const family = parseFamily(block)
    if (families.has(family.name)) throw new Error(`${family.name} is there twice`)
    families.set(family.name, family)
  }
  return families
}

function parseFamily(block: string): Family {
  const [help = '', type = '', ...lines] = block.split('\n').filter((line) => line !== '')
  const found = head.exec(`${help}\n${type}`)
  const [, name = '', text = '', again, kind = ''] = found ?? []
  if (!found || name !== again) throw new Error(`not the head of a family: ${help}\n${type}`)
  const family = { name, help: text, type: kind, samples: lines.map(parseSample) }
  assertSamples(family)
  if (kind === 'histogram') assertBuckets(family)
  return family
}

function parseSample(line: string): ExposedSample {
  const [, name = '', labels = '', value = ''] = sample.exec(line) ?? []
  if (name === '' || !number.test(value)) throw new Error(`not a sample: ${line}`)
  const pairs = [...labels.matchAll(/([a-zA-Z_][a-zA-Z0-9_]*)="((?:[^"\\]|\\.)*)"/g)]
  return { name, labels: Object.fromEntries(pairs.map(([, key, text]) => [key, text])), value: numberOf(value) }
}

function numberOf(value: string): number {
  return value === '+Inf' ? Number.POSITIVE_INFINITY : Number(value)
}

function assertSamples({ name, type, samples }: Family): void {
  const suffixes = { histogram: ['_bucket', '_sum', '_count'], summary: ['', '_sum', '_count'] }[type] ?? ['']
  const seen = new Set<string>()
  for (const each of samples) {
    if (!suffixes.some((suffix) => each.name === name + suffix)) throw new Error(`${each.name} is not of ${name}`)
    const key = `${each.name} ${JSON.stringify(Object.entries(each.labels).sort())}`
    if (seen.has(key)) throw new Error(`there twice: ${key}`)
    seen.add(key)
  }
}

function assertBuckets({ name, samples }: Family): void {
  for (const { labels, value } of samples.filter((each) => each.name === `${name}_count`)) {
    const buckets = samples.filter((each) => each.name === `${name}_bucket` && isOf(labels, each.labels))
    const bounds = buckets.map((each) => numberOf(each.labels['le'] ?? ''))
    const ascends = (numbers: readonly number[], by: (a: number, b: number) => boolean) =>
      numbers.every((each, at) => at === 0 || by(numbers[at - 1] ?? Number.NaN, each))
    const isCumulative = ascends(
      buckets.map((each) => each.value),
      (a, b) => a <= b,
    )
    const isComplete = bounds.at(-1) === Number.POSITIVE_INFINITY && buckets.at(-1)?.value === value
    if (!isComplete || !isCumulative || !ascends(bounds, (a, b) => a < b)) throw new Error(`buckets of ${name}`)
  }
}

function isOf(labels: ExposedSample['labels'], all: ExposedSample['labels']): boolean {
  return Object.entries(labels).every(([key, text]) => all[key] === text)
}
