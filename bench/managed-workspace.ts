import { call } from './call.ts'
import type { SubjectServer } from './subject-server.ts'

/** A workspace that keeps as many secrets as it was filled with. */
export interface ManagedWorkspace {
  readonly secrets: number
  /** Deletes the secret made last and makes another. */
  replaceNewest(): Promise<void>
  list(): Promise<string>
}

export async function fillWorkspace(server: SubjectServer, secrets: number): Promise<ManagedWorkspace> {
  const workspaceId = await createWorkspace(server, `${secrets} secrets`)
  let newest = await createSecret(server, workspaceId)
  for (let made = 1; made < secrets; made += 1) newest = await createSecret(server, workspaceId)
  return {
    secrets,
    async replaceNewest() {
      await call(server, { method: 'DELETE', path: `${secretsPath}/${newest}`, workspaceId })
      newest = await createSecret(server, workspaceId)
    },
    list: () => call(server, { method: 'GET', path: secretsPath, workspaceId }),
  }
}

const secretsPath = '/secure_mode_secrets'

export async function createWorkspace(server: SubjectServer, name: string): Promise<string> {
  const created = await call(server, { method: 'POST', path: '/v1/workspaces', body: { name }, workspaceId: null })
  return (JSON.parse(created) as { id: string }).id // sound: the contract of a 201
}

async function createSecret(server: SubjectServer, workspaceId: string): Promise<string> {
  const body = { name: 'bench', supports_web: true }
  const created = await call(server, { method: 'POST', path: secretsPath, body, workspaceId })
  return (JSON.parse(created) as { id: string }).id // sound: the contract of a 201
}
