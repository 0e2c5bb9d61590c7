import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { beforeAll, describe, expect, it } from 'vitest'
import type { Family } from '../packages/server/test/exposition.ts'
import { startInProcess } from '../packages/server/test/in-process.ts'
import { scrape } from '../packages/server/test/scrape.ts'

interface Target {
  readonly refId: string
  readonly expr: string
  readonly legendFormat: string
}

interface Panel {
  readonly id: number
  readonly title: string
  readonly gridPos: { readonly x: number; readonly y: number; readonly w: number; readonly h: number }
  readonly targets: readonly Target[]
}

const docs = join(import.meta.dirname, '../docs')
const page = await readFile(join(docs, 'metrics.md'), 'utf8')
const dashboard: { readonly panels: readonly Panel[] } = JSON.parse(
  await readFile(join(docs, 'grafana-dashboard.json'), 'utf8'),
)

let families: readonly Family[]
/** The labels of each name that can be asked for. */
let labelsOf: ReadonlyMap<string, ReadonlySet<string>>

beforeAll(async () => {
  await using cutover = await startInProcess()
  families = [...(await scrape(cutover)).families.values()]
  const samples = families.flatMap((family) => family.samples)
  labelsOf = new Map(samples.map(({ name }) => [name, labelNames(samples.filter((each) => each.name === name))]))
})

function labelNames(samples: Family['samples']): ReadonlySet<string> {
  return new Set(samples.flatMap(({ labels }) => Object.keys(labels)))
}

/** The body rows of the table whose first heading is `heading`; a pipe in a cell is escaped. */
function table(heading: string): string[][] {
  const [, rest = ''] = page.split(`\n| ${heading} | `)
  const rows = (rest.split('\n\n', 1)[0] ?? '').split('\n').slice(2)
  return rows.map((row) =>
    row
      .split(/(?<!\\)\|/)
      .slice(1, -1)
      .map((cell) => cell.trim().replaceAll('\\|', '|')),
  )
}

/** What is wrong with an expression: names that nothing has, and labels that none of its metrics has. */
function faultsOf(expression: string, legend = ''): string[] {
  const withoutText = expression.replaceAll(/"[^"]*"/g, '""')
  const names = withoutText.match(/\b(?:cutover|process|nodejs)_[a-z0-9_]+/g) ?? []
  if (names.length === 0) return ['asks for nothing']
  const selected = [...withoutText.matchAll(/([a-z_]+)\s*(?:=~|!~|!=|=)\s*""/g)].map(([, label]) => label)
  const grouped = [...withoutText.matchAll(/\b(?:by|on) \(([^)]*)\)/g)].flatMap(([, list = '']) => list.split(', '))
  const shown = [...legend.matchAll(/\{\{([a-z_]+)\}\}/g)].map(([, label]) => label)
  // Prometheus itself says which process it scraped.
  const known = new Set(['instance', ...names.flatMap((name) => [...(labelsOf.get(name) ?? [])])])
  const unknownNames = names.filter((name) => !labelsOf.has(name))
  return [
    ...unknownNames,
    ...[...selected, ...grouped, ...shown].filter((label) => !known.has(label ?? '')),
  ] as string[]
}

function documented({ name, type, help, samples }: Family): string[] {
  const labels = [...labelNames(samples)].filter((label) => label !== 'le')
  return [`\`${name}\``, type, labels.map((label) => `\`${label}\``).join(', '), help]
}

describe('docs/metrics.md', () => {
  it('lists every metric of ours with its type, labels and meaning, in the order of a scrape, and no other', () => {
    const listed = table('metric').map(([name, type, _unit, labels, meaning]) => [name, type, labels, meaning])
    expect(listed).toEqual(families.filter(({ name }) => name.startsWith('cutover_')).map(documented))
  })

  it('gives each a unit, which its name tells where it is a base unit', () => {
    for (const [name = '', type, unit = ''] of table('metric')) {
      expect([name, unit === 'seconds', type === 'counter']).toEqual([
        name,
        name.endsWith('_seconds`'),
        name.endsWith('_total`'),
      ])
      expect(unit).toMatch(/^[a-z]+$/)
    }
  })

  it('alerts only on what there is', () => {
    const alerts = table('alert').map(([name = '', cell = '']) => [name, /^`(.*?)`/.exec(cell)?.[1] ?? ''] as const)
    expect(alerts.length).toBeGreaterThan(0)
    for (const [name, expression] of alerts) expect([name, faultsOf(expression)]).toEqual([name, []])
  })

  it('names every kind, state, platform, operation and cache that a scrape has', () => {
    const own = families.filter(({ name }) => name.startsWith('cutover_')).flatMap(({ samples }) => samples)
    const listedElsewhere = ['outcome', 'version', 'le']
    const values = own.flatMap(({ labels }) =>
      Object.entries(labels).flatMap(([label, value]) => (listedElsewhere.includes(label) ? [] : [value])),
    )
    expect([...new Set(values)].filter((value) => !page.includes(`\`${value}\``))).toEqual([])
  })
})

describe('docs/grafana-dashboard.json', () => {
  it('asks only for metrics and labels that there are', () => {
    for (const { title, targets } of dashboard.panels) {
      expect(targets.length).toBeGreaterThan(0)
      for (const { expr, legendFormat } of targets) expect([title, faultsOf(expr, legendFormat)]).toEqual([title, []])
    }
  })

  it('shows each metric of ours', () => {
    const asked = dashboard.panels.flatMap(({ targets }) => targets.map(({ expr }) => expr)).join('\n')
    const own = families.map(({ name }) => name).filter((name) => name.startsWith('cutover_'))
    expect(own.filter((name) => !asked.includes(name))).toEqual([])
  })

  it('has a number and a place of its own for each panel, within the 24 columns of Grafana', () => {
    const cells = dashboard.panels.flatMap(({ gridPos: { x, y, w, h } }) =>
      Array.from({ length: w * h }, (_, at) => `${x + (at % w)} ${y + Math.floor(at / w)}`),
    )
    expect(new Set(cells).size).toBe(cells.length)
    expect(dashboard.panels.every(({ gridPos: { x, w } }) => x + w <= 24)).toBe(true)
    expect(new Set(dashboard.panels.map(({ id }) => id)).size).toBe(dashboard.panels.length)
    for (const { targets } of dashboard.panels) {
      expect(new Set(targets.map(({ refId }) => refId)).size).toBe(targets.length)
    }
  })
})

describe('the check of expressions', () => {
  it('finds a name and a label that nothing has', () => {
    expect(faultsOf('rate(cutover_verifications_tota{outcome="a"}[5m])')).toEqual([
      'cutover_verifications_tota',
      'outcome',
    ])
    expect(faultsOf('sum by (workspace) (cutover_nodes{state!="x"})', '{{kind}}')).toEqual([
      'state',
      'workspace',
      'kind',
    ])
    expect(faultsOf('vector(1)')).toEqual(['asks for nothing'])
  })
})
