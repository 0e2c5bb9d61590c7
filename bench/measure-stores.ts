import { connections, createSecret, question, verificationPath } from './arena.ts'
import { call } from './call.ts'
import type { Cores } from './cores.ts'
import type { Finding } from './finding.ts'
import { interleave } from './interleave.ts'
import type { Exchange } from './load/exchange.ts'
import { startGenerator } from './load/start-generator.ts'
import { loadAndObserve, type Observation, perCpuSecond } from './observed-load.ts'
import type { Effort } from './options.ts'
import { startPostgresStore } from './postgres-cluster.ts'
import { signUsers } from './sample.ts'
import { startCutover } from './start-cutover.ts'
import { median, medianRatio } from './statistics.ts'
import type { SubjectServer } from './subject-server.ts'

const users = 256

/** `POST /v1/verifications` of one node on PostgreSQL, beside one on SQLite: both answer from memory. */
export async function measureStores(effort: Effort, cores: Cores): Promise<Finding[]> {
  await using store = await startPostgresStore()
  await using onPostgres = await startCutover(cores.subject, store.settings)
  await using onSqlite = await startCutover(cores.subject)
  await using generator = startGenerator(cores.load)
  const observations: Observation[] = []
  const contender = async (server: SubjectServer) => {
    const load = {
      path: verificationPath,
      exchanges: await proveVerifications(server),
      connections,
      ratePerSecond: null,
    }
    await generator.run({ ...load, port: server.port, token: server.token, durationMs: effort.warmUpMs })
    return async () => {
      const observation = await loadAndObserve({ generator }, server, { ...load, durationMs: effort.loadRoundMs })
      observations.push(observation)
      return perCpuSecond(observation)
    }
  }
  const contenders = { postgres: await contender(onPostgres), sqlite: await contender(onSqlite) }
  const { postgres, sqlite } = await interleave(contenders, effort.loadRounds)
  return [
    {
      unit: 'requests/s',
      subject: { what: 'POST /v1/verifications, PostgreSQL', figure: median(postgres), rounds: postgres },
      baseline: { what: 'SQLite', figure: median(sqlite), rounds: sqlite },
      ratio: medianRatio(postgres, sqlite),
      target: { of: 'ratio', atLeast: 0.97 },
      cautions: [...new Set([cores.caution ?? [], observations.flatMap(({ cautions }) => cautions)].flat())],
    },
  ]
}

/** Verifications by a secret made for them, each with the answer that it must have. */
export async function proveVerifications(server: SubjectServer): Promise<readonly Exchange[]> {
  const { secret } = await createSecret(server)
  return await Promise.all(
    signUsers(secret, users).map(async (signed) => {
      const body = question(signed)
      const answer = await call(server, { method: 'POST', path: verificationPath, body, workspaceId: null })
      const { verified, userId } = JSON.parse(answer) as { verified: unknown; userId: unknown } // sound: compared here
      if (verified !== true || userId !== signed.userId) throw new Error(`a user hash was answered with ${answer}`)
      return { request: JSON.stringify(body), answer }
    }),
  )
}
