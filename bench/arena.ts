import { call } from './call.ts'
import type { Cores } from './cores.ts'
import { type BenchIntegrator, createIntegrator } from './integrator.ts'
import type { Exchange } from './load/exchange.ts'
import { type Generator, startGenerator } from './load/start-generator.ts'
import type { Effort } from './options.ts'
import { forge, type Signed, signUsers } from './sample.ts'
import { startBare } from './start-bare.ts'
import { startCutover } from './start-cutover.ts'
import type { SubjectServer } from './subject-server.ts'

const users = 256

/** Both servers on one core, warm, the load generator on another, and users whose hashes both have proven to judge. */
export interface Arena extends AsyncDisposable {
  readonly cutover: SubjectServer
  readonly bare: SubjectServer
  readonly generator: Generator
  readonly signed: readonly Signed[]
  /** One that both servers know. */
  readonly integrator: BenchIntegrator
  /** One for each of them, proven. */
  readonly verifications: readonly Exchange[]
}

type Unproven = Pick<Arena, 'cutover' | 'bare' | 'generator' | 'signed' | 'integrator'>

export async function openArena(effort: Effort, cores: Cores): Promise<Arena> {
  await using opening = new AsyncDisposableStack()
  const cutover = opening.use(await startCutover(cores.subject))
  const { id, secret } = await createSecret(cutover)
  const integrator = await createIntegrator(cutover, 'bench')
  const bare = opening.use(await startBare(cores.subject, { secret, secretId: id, integrator }))
  const generator = opening.use(startGenerator(cores.load))
  const signed = signUsers(secret, users)
  const unproven = { cutover, bare, generator, signed, integrator }
  await proveRefusal(unproven)
  const verifications = await proveVerifications(unproven)
  const warmUp = { path: verificationPath, exchanges: verifications, connections, ratePerSecond: null }
  for (const { port, token } of [cutover, bare]) {
    await generator.run({ ...warmUp, port, token, durationMs: effort.warmUpMs })
  }
  const opened = opening.move()
  return { ...unproven, verifications, [Symbol.asyncDispose]: () => opened.disposeAsync() }
}

export async function createSecret(
  server: SubjectServer,
  workspaceId: string | null = null,
): Promise<{ id: string; secret: string }> {
  const body = { name: 'bench', supports_web: true }
  const created = await call(server, { method: 'POST', path: '/secure_mode_secrets', body, workspaceId })
  return JSON.parse(created) as { id: string; secret: string } // sound: the contract of a 201
}

export const verificationPath = '/v1/verifications'
/** At the same time, in the measurements of single verifications. */
export const connections = 64
export const batchPath = '/v1/verifications/batch'

export function question(signed: Signed) {
  return { platform: 'web', ...signed }
}

/**
 * The request and the answer that Cutover gives to it, once it is certain that both servers give the same bytes and
 * that these say what they should.
 */
export async function proveExchange(
  { cutover, bare }: Pick<Arena, 'cutover' | 'bare'>,
  path: string,
  body: unknown,
  isRight: (answer: string) => boolean,
): Promise<Exchange> {
  const answer = await post(cutover, path, body)
  if (!isRight(answer)) throw new Error(`Cutover's answer on ${path} is wrong: ${answer.slice(0, 200)}`)
  const bareAnswer = await post(bare, path, body)
  if (bareAnswer !== answer) throw new Error(`the bare server's answer on ${path} differs: ${bareAnswer.slice(0, 200)}`)
  return { request: JSON.stringify(body), answer }
}

function proveVerifications(arena: Unproven): Promise<readonly Exchange[]> {
  return Promise.all(
    arena.signed.map((each) =>
      proveExchange(arena, verificationPath, question(each), (answer) => {
        const { verified, userId } = JSON.parse(answer) as { verified: unknown; userId: unknown } // sound: compared here
        return verified === true && userId === each.userId
      }),
    ),
  )
}

/** A server that accepted everything would be fast. */
async function proveRefusal({ cutover, signed }: Unproven): Promise<void> {
  for (const each of signed.slice(0, 8)) {
    const answer = await post(cutover, verificationPath, question(forge(each)))
    const { verified, reason } = JSON.parse(answer) as { verified: unknown; reason: unknown } // sound: compared below
    if (verified !== false || reason !== 'mismatch') throw new Error(`a forged user hash was answered with ${answer}`)
  }
}

function post(server: SubjectServer, path: string, body: unknown): Promise<string> {
  return call(server, { method: 'POST', path, body, workspaceId: null })
}
