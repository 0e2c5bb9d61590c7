import type { SubjectServer } from './subject-server.ts'

export interface Call {
  readonly method: 'GET' | 'POST' | 'DELETE'
  readonly path: string
  readonly body?: unknown
  /** `null`: the server knows which is meant. */
  readonly workspaceId: string | null
}

/** The body that answers; fails when the server refuses. */
export async function call({ port, token }: SubjectServer, { method, path, body, workspaceId }: Call): Promise<string> {
  const response = await fetch(`http://127.0.0.1:${port}${path}`, {
    method,
    headers: {
      authorization: `Bearer ${token}`,
      ...(workspaceId === null ? {} : { 'cutover-workspace': workspaceId }),
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  })
  const answer = await response.text()
  if (!response.ok) throw new Error(`${path} was answered with ${response.status}: ${answer.slice(0, 200)}`)
  return answer
}
