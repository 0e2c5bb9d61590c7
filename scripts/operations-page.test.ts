import { access, readdir, readFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { SettingsSchema } from '../packages/server/src/config.ts'

const root = join(import.meta.dirname, '..')
const read = (path: string) => readFile(join(root, path), 'utf8')

/** What a node that drains may take besides, and what one with workers may: `graceMs` of either. */
const graceMs = 10_000
const graceOfWorkersMs = 12_000

interface Container {
  readonly env: readonly { readonly name: string; readonly value?: string }[]
  readonly readinessProbe: { readonly periodSeconds: number; readonly failureThreshold: number }
}

interface PodSpec {
  readonly terminationGracePeriodSeconds: number
  readonly enableServiceLinks: boolean
  readonly containers: readonly [Container]
}

interface KubernetesObject {
  readonly kind: string
  readonly spec: { readonly template: { readonly spec: PodSpec } }
}

interface Yaml {
  parseAllDocuments(text: string): readonly { readonly errors: readonly unknown[]; toJS(): KubernetesObject }[]
}

/** The parser that the server's own API documentation brings along. */
function loadYaml(): Yaml {
  const ofServer = createRequire(join(root, 'packages/server/package.json'))
  return createRequire(ofServer.resolve('@fastify/swagger'))('yaml') // sound: as its documentation has it
}

/** Settings, variables of clients, and the one that Kubernetes would set. */
const known = [...Object.keys(SettingsSchema.properties), 'CUTOVER_URL', 'CUTOVER_TOKEN', 'CUTOVER_PORT']
const deploy = Object.fromEntries(
  await Promise.all((await readdir(join(root, 'deploy'))).map(async (name) => [name, await read(`deploy/${name}`)])),
) as Readonly<Record<'cutover.service' | 'cutover.env' | 'haproxy.cfg' | 'kubernetes.yaml' | 'Containerfile', string>> // sound: read below

const documents = loadYaml().parseAllDocuments(deploy['kubernetes.yaml'])

function podSpec(): PodSpec {
  const deployment = documents.map((document) => document.toJS()).find(({ kind }) => kind === 'Deployment')
  if (deployment === undefined) throw new Error('there is no Deployment')
  return deployment.spec.template.spec
}

function seconds(text: string, pattern: RegExp): number {
  return Number(pattern.exec(text)?.[1])
}

describe('the files in deploy/', () => {
  it('name only settings that there are', () => {
    for (const [name, text] of Object.entries(deploy)) {
      const named = text.match(/\bCUTOVER_[A-Z_]+/g) ?? []
      const unknown = named.filter((each) => !known.includes(each))
      expect([name, unknown]).toEqual([name, []])
    }
  })

  it('give a process the time to end by itself', () => {
    const drainMs = seconds(deploy['cutover.env'], /^CUTOVER_DRAIN_MS=(\d+)$/m)
    const stopMs = 1000 * seconds(deploy['cutover.service'], /^TimeoutStopSec=(\d+)$/m)
    expect(stopMs).toBeGreaterThan(drainMs + graceOfWorkersMs)

    const { terminationGracePeriodSeconds, containers } = podSpec()
    const [{ env }] = containers
    const podDrainMs = Number(env.find(({ name }) => name === 'CUTOVER_DRAIN_MS')?.value)
    expect(terminationGracePeriodSeconds * 1000).toBeGreaterThan(podDrainMs + graceMs)
  })

  it('look more often than a node drains', () => {
    const drainMs = seconds(deploy['cutover.env'], /^CUTOVER_DRAIN_MS=(\d+)$/m)
    const [, every, bad] = /check inter (\d+)s fall (\d+)/.exec(deploy['haproxy.cfg']) ?? []
    expect(1000 * Number(every) * Number(bad) * 2).toBeLessThan(drainMs)

    const [{ readinessProbe, env }] = podSpec().containers
    const podDrainMs = Number(env.find(({ name }) => name === 'CUTOVER_DRAIN_MS')?.value)
    expect(1000 * readinessProbe.periodSeconds * readinessProbe.failureThreshold * 2).toBeLessThan(podDrainMs)
  })

  it('are YAML where they say so, and keep the variables of Kubernetes away from the settings', () => {
    expect(documents.flatMap(({ errors }) => errors)).toEqual([])
    expect(documents.map((document) => document.toJS().kind)).toEqual([
      'Secret',
      'Deployment',
      'Service',
      'PodDisruptionBudget',
    ])
    expect(podSpec().enableServiceLinks).toBe(false)
  })
})

describe('docs/operations.md', () => {
  it('names only settings, files and sections that there are', async () => {
    const page = await read('docs/operations.md')
    const named = page.match(/\bCUTOVER_[A-Z_]+/g) ?? []
    expect(named.filter((each) => !known.includes(each))).toEqual([])
    for (const [, path = '', anchor] of page.matchAll(/\]\(([^)#]*)#?([^)]*)\)/g)) {
      await expect(access(join(root, 'docs', path)), path).resolves.toBeUndefined()
      if (anchor)
        expect([path, anchor, await hasSection(path || 'operations.md', anchor)]).toEqual([path, anchor, true])
    }
  })
})

async function hasSection(page: string, anchor: string): Promise<boolean> {
  const headings = (await read(join('docs', page))).match(/^#+ .*$/gm) ?? []
  return headings.some((heading) => slug(heading) === anchor)
}

/** As the usual renderers of Markdown name a heading. */
function slug(heading: string): string {
  return heading
    .replace(/^#+ /, '')
    .toLowerCase()
    .replaceAll(/[^\w\- ]/g, '')
    .replaceAll(' ', '-')
}
