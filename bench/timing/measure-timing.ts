import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { signRequest } from '@cutover/signing'
import { type Cores, pinnedTo } from '../cores.ts'
import { type BenchIntegrator, createIntegrator } from '../integrator.ts'
import { startCutover } from '../start-cutover.ts'
import { median } from '../statistics.ts'
import type { SubjectServer } from '../subject-server.ts'
import { type TimedRoute, timedRoutes } from './refused-requests.ts'
import { sampleTimes } from './sample-times.ts'
import { TimedConnection } from './timed-connection.ts'
import type { TimingFinding } from './timing-finding.ts'
import { compareTimes } from './welch.ts'

/** Of each kind of refusal. */
const samples = 20_000
const warmUps = 2000

/** The slowest of both kinds together are left out: they tell of the machine. */
const keptShare = 0.95

/** Beside the one that is asked about, so that the index has something to search. */
const otherIntegrators = 63

/** Without a leak nothing is to be found, with it something has to be. */
const servers = [
  { variant: 'as shipped', nodeArguments: [] },
  {
    variant: 'planted leak',
    nodeArguments: ['--import', pathToFileURL(join(import.meta.dirname, 'plant-leak.ts')).href],
  },
] as const

/** Whether time tells a key that nobody has from one whose signature is wrong. */
export async function measureTiming(cores: Cores): Promise<TimingFinding[]> {
  const findings: TimingFinding[] = []
  for (const { variant, nodeArguments } of servers) {
    await using server = await startCutover(cores.subject, { CUTOVER_RATE_LIMIT_PER_MINUTE: '0' }, nodeArguments)
    const measure = () => measureServer(server, variant)
    findings.push(...(await pinnedTo(cores.load, measure)))
  }
  return findings
}

async function measureServer(server: SubjectServer, variant: TimingFinding['variant']): Promise<TimingFinding[]> {
  for (let made = 0; made < otherIntegrators; made += 1) await createIntegrator(server, `other ${made}`)
  const integrator = await createIntegrator(server, 'asked about')
  const routes = timedRoutes(server)
  const findings: TimingFinding[] = []
  const measure = async (secrets: 1 | 2, secret: string) => {
    for (const route of routes) {
      await bringToMemory(server, { ...integrator, secret })
      const finding = await measureRoute(server, route, integrator.key)
      findings.push({ ...finding, variant, secrets })
    }
  }
  await measure(1, integrator.secret)
  await measure(2, await regenerate(server, integrator))
  return findings
}

async function measureRoute(
  server: SubjectServer,
  route: TimedRoute,
  knownKey: string,
): Promise<Omit<TimingFinding, 'variant' | 'secrets'>> {
  console.log(`${route.name} …`)
  using connection = new TimedConnection(server.port)
  const { unknownKey, wrongSignature } = await sampleTimes(connection, route, { knownKey, samples, warmUps })
  return {
    route: route.name,
    samples,
    keptShare,
    unknownKeyNs: median([...unknownKey]),
    wrongSignatureNs: median([...wrongSignature]),
    ...compareTimes(unknownKey, wrongSignature, keptShare),
  }
}

/** From here on it has two secrets, both in memory. */
async function regenerate(server: SubjectServer, integrator: BenchIntegrator): Promise<string> {
  const path = '/v1/integrator/regenerate-secret'
  const body = JSON.stringify({ oldSecretValidForSeconds: 3600 })
  const regenerated = await askSigned(server, integrator, { method: 'POST', path, body })
  return (JSON.parse(regenerated) as { secret: string }).secret // sound: the contract of a 200
}

async function bringToMemory(server: SubjectServer, integrator: BenchIntegrator): Promise<void> {
  await askSigned(server, integrator, { method: 'GET', path: '/v1/integrator' })
}

async function askSigned(
  { port }: SubjectServer,
  integrator: BenchIntegrator,
  { method, path, body }: { readonly method: string; readonly path: string; readonly body?: string },
): Promise<string> {
  const signed = signRequest(integrator, { method, path, body })
  const response = await fetch(`http://127.0.0.1:${port}${path}`, {
    method,
    headers: { ...signed, ...(body === undefined ? {} : { 'content-type': 'application/json' }) },
    ...(body === undefined ? {} : { body }),
  })
  const answer = await response.text()
  if (!response.ok) throw new Error(`${path} was answered with ${response.status}: ${answer}`)
  return answer
}
