import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { CutoverClient } from '@cutover/client'
import { runSimulatedClient } from './simulated-client.ts'

// Twenty programs sign with a secret; `cutover rotate` replaces it under them while they are restarted one after the
// other, and ends by itself when the last one has moved. Needs a running Cutover, and its access token in CUTOVER_TOKEN.

const clients = 20
const url = process.env['CUTOVER_URL'] ?? 'http://127.0.0.1:8080'
/** How long it takes until the last of them was restarted. */
const rolloutSeconds = Number(process.env['ROLLOUT_SECONDS'] ?? 40)
const quietSeconds = process.env['QUIET_SECONDS'] ?? '15'
const variable = 'SIGNING_SECRET'
/** Another way to start the command line may be given as parameters. */
const [command = 'npx', ...commandParameters] =
  process.argv.length > 2 ? process.argv.slice(2) : ['npx', '--', 'cutover']

const token = process.env['CUTOVER_TOKEN']
if (token === undefined) {
  console.error('Set CUTOVER_TOKEN to the access token that the first start printed.')
  process.exit(2)
}

const client = new CutoverClient({ baseUrl: url, token })
const directory = await mkdtemp(join(tmpdir(), 'rotation-live-'))
const envFile = join(directory, '.env')
const old = await client.identitySecrets.create({ name: 'Rotation, live', platforms: { web: true } })
await writeFile(envFile, `${variable}=${old.secret}\n`, { mode: 0o600 })

const stop = new AbortController()
const running = Array.from({ length: clients }, (_, index) => {
  const restartAfterMs = (rolloutSeconds * 1000 * (index + 1)) / clients
  const source = `service-${String(index + 1).padStart(2, '0')}`
  return runSimulatedClient({ client, source, envFile, variable, restartAfterMs, everyMs: 250 }, stop.signal)
})

try {
  // Ctrl-C is for the rotation, which says where it stands; this ends after it.
  process.on('SIGINT', () => {})
  const rotation = spawn(command, [...commandParameters, ...rotateParameters()], { stdio: 'inherit' })
  const [code] = await once(rotation, 'close')
  stop.abort()
  const rejected = (await Promise.all(running)).reduce((sum, count) => sum + count, 0)
  console.log(`${clients} programs, ${rejected} verifications failed.`)
  process.exitCode = code === 0 && rejected === 0 ? 0 : 1
} finally {
  stop.abort()
  await rm(directory, { recursive: true })
}

function rotateParameters(): readonly string[] {
  return ['rotate', old.id, '--url', url, '--env-file', envFile, '--name', variable, '--quiet-seconds', quietSeconds]
}
