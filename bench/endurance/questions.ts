import { signJwt } from '@cutover/signing'
import { batchPath, createSecret, question, verificationPath } from '../arena.ts'
import { call } from '../call.ts'
import type { Exchange } from '../load/exchange.ts'
import { forge, signUsers } from '../sample.ts'
import type { SubjectServer } from '../subject-server.ts'

const users = 256
const hourSeconds = 3600
export const itemsInBatch = 32

interface Question {
  readonly body: object
  readonly userId: string
  readonly reason: string | null
}

/** What a workspace is asked all day: mostly what is genuine. Every answer is proven to say what it should. */
export async function proveQuestions(server: SubjectServer, workspaceId: string): Promise<readonly Exchange[]> {
  const { secret } = await createSecret(server, workspaceId)
  const asked = questionsSignedWith(secret).map((each) => ({ ...each, body: { ...each.body, workspaceId } }))
  return await Promise.all(asked.map((each) => prove(server, each)))
}

/** The same in batches, which cost the server far more than whoever sends them. */
export async function proveBatches(server: SubjectServer, workspaceId: string): Promise<readonly Exchange[]> {
  const { secret } = await createSecret(server, workspaceId)
  const signed = signUsers(secret, users)
  return await Promise.all(
    Array.from({ length: users / itemsInBatch }, async (_, index) => {
      const asked = signed.slice(index * itemsInBatch, (index + 1) * itemsInBatch)
      const body = { items: asked.map((each) => ({ ...question(each), workspaceId })) }
      const answer = await call(server, { method: 'POST', path: batchPath, body, workspaceId: null })
      const { results } = JSON.parse(answer) as { results: { verified: unknown; userId: unknown }[] } // sound: compared here
      const isRight = asked.every(({ userId }, at) => results[at]?.verified === true && results[at].userId === userId)
      if (!isRight) throw new Error(`a batch was answered with ${answer}`)
      return { request: JSON.stringify(body), answer }
    }),
  )
}

function questionsSignedWith(secret: string): readonly Question[] {
  const nowSeconds = Math.floor(Date.now() / 1000)
  return signUsers(secret, users).flatMap((signed, index): Question[] => {
    const { userId } = signed
    const jwt = (exp: number) => ({ platform: 'web', userId, jwt: signJwt(secret, { user_id: userId, exp }) })
    const genuine = { body: question(signed), userId, reason: null }
    if (index % 16 === 0) return [genuine, { body: question(forge(signed)), userId, reason: 'mismatch' }]
    if (index % 16 === 5) return [genuine, { body: jwt(nowSeconds + hourSeconds * 24), userId, reason: null }]
    if (index % 16 === 10) return [genuine, { body: jwt(nowSeconds - hourSeconds), userId, reason: 'jwt_expired' }]
    return [genuine]
  })
}

async function prove(server: SubjectServer, { body, userId, reason }: Question): Promise<Exchange> {
  const answer = await call(server, { method: 'POST', path: verificationPath, body, workspaceId: null })
  const found = JSON.parse(answer) as { reason: unknown; verified: unknown; userId: unknown } // sound: compared here
  const isRight = reason === null ? found.verified === true && found.userId === userId : found.verified === false
  if (!isRight || found.reason !== reason) throw new Error(`a question was answered with ${answer}`)
  return { request: JSON.stringify(body), answer }
}
