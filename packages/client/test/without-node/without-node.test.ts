import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { describe, expect, it } from 'vitest'
import { startListening } from '../listening-cutover.ts'

const src = join(import.meta.dirname, '../../src')

async function runInBareContext(entry: string, program: string, parameters: readonly string[] = []) {
  const flags = ['--experimental-vm-modules', '--no-warnings']
  const runner = join(import.meta.dirname, 'run-in-bare-context.ts')
  const child = spawn(process.execPath, [...flags, runner, join(src, entry), program, ...parameters])
  const [printed, errors] = await Promise.all([text(child.stdout), text(child.stderr), once(child, 'close')])
  return { printed, errors }
}

describe('@cutover/client', () => {
  it('works where there is nothing of Node, and imports no other package', async () => {
    await using cutover = await startListening()
    const program = `
      import { ApiError, CutoverClient, intercomSecrets, NetworkError, TimeoutError } from 'client'
      const records = []
      const client = new CutoverClient({ baseUrl, token, audit: (record) => records.push(record.action) })
      const created = await client.identitySecrets.create({ name: 'A', platforms: { web: true, ios: false, android: false } })
      let bytes = 0
      for await (const piece of client.auditLog.export()) bytes += piece.length
      const names = []
      for await (const { name } of client.identitySecrets.all()) names.push(name)
      const { revocationEpoch } = await client.identitySecrets.delete(created.id, { signal: new AbortController().signal })
      const refused = await client.identitySecrets.enable(created.id).catch((error) => error)
      const none = await client.settings.read({ timeoutMs: 1 }).catch((error) => error)
      export const result = [created.state, bytes > 0, names, revocationEpoch > 0, refused instanceof ApiError,
        refused.code, none instanceof TimeoutError || none.enforcement !== undefined, records.length,
        typeof intercomSecrets, typeof NetworkError, typeof process, typeof Buffer, typeof require]`
    const { printed, errors } = await runInBareContext('index.ts', program, [cutover.baseUrl, cutover.token])
    expect(errors).toBe('')
    const { result, modules } = JSON.parse(printed)
    expect(result).toEqual([
      ...['active', true, ['A'], true, true, 'invalid_state', true, 6],
      ...['function', 'function', 'undefined', 'undefined', 'undefined'],
    ])
    const files = await readdir(src, { recursive: true })
    const shipped = files.filter((file) => /(?<!\.test)\.ts$/.test(file) && !file.startsWith('integrator'))
    // Those that hold types alone are not loaded.
    expect(shipped.filter((file) => !modules.includes(file)).sort()).toEqual(['call.ts'])
  })

  it('is told apart from its entry for integrators, which needs a HMAC', async () => {
    const { errors } = await runInBareContext('integrator/index.ts', 'export const result = 1; import "client"')
    expect(errors).toMatch(/integrator-client\.ts imports @cutover\/signing/)
  })
})
