import { setTimeout as pause } from 'node:timers/promises'
import { bodySha256, signRequest } from '@cutover/signing'

// An integrator that replaces its own secret while both are in use. Needs a running Cutover, and either its access token
// in CUTOVER_TOKEN, to create an integrator with, or an integrator's key and secret.
const url = process.env['CUTOVER_URL'] ?? 'http://127.0.0.1:8080'
const graceSeconds = Number(process.env['GRACE_SECONDS'] ?? 60)

interface Integrator {
  readonly key: string
  readonly secret: string
}

const own = ownIntegrator()
const old = own ?? (await createIntegrator())
await checked(old, 'The old secret')

const path = '/v1/integrator/regenerate-secret'
const answer = await signedFetch(old, 'POST', path, JSON.stringify({ oldSecretValidForSeconds: graceSeconds }))
if (!answer.ok) fail(`Regenerating was refused: ${await answer.text()}`)
// Sound, with those below: what the API answers with these statuses.
const { secret, oldSecretExpiresAt } = (await answer.json()) as { secret: string; oldSecretExpiresAt: string }

// This is where a real integrator stores the new secret, before anything else: no other answer will show it.
if (own) console.log(`INTEGRATOR_SECRET=${secret}`)
const renewed = { key: old.key, secret }
await checked(renewed, 'The new secret')
const told = await checked(old, 'The old secret')
console.log(`  It ends at ${told.headers.get('cutover-secret-sunset')}.`)
console.log(`  ${told.headers.get('cutover-current-secret')} takes its place: ${fingerprint(secret)} is the new one.`)

await untilRefused(old, Date.parse(oldSecretExpiresAt))
await checked(renewed, 'The new secret')

function ownIntegrator(): Integrator | undefined {
  const { INTEGRATOR_KEY: key, INTEGRATOR_SECRET: secret } = process.env
  return key === undefined || secret === undefined ? undefined : { key, secret }
}

async function createIntegrator(): Promise<Integrator> {
  const token = process.env['CUTOVER_TOKEN']
  if (token === undefined) fail('Set CUTOVER_TOKEN, or INTEGRATOR_KEY and INTEGRATOR_SECRET.')
  const created = await fetch(`${url}/v1/integrators`, {
    method: 'POST',
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
    body: JSON.stringify({ name: 'Example' }),
  })
  if (!created.ok) fail(`No integrator was created: ${await created.text()}`)
  return (await created.json()) as Integrator
}

function signedFetch(by: Integrator, method: 'GET' | 'POST', target: string, body?: string): Promise<Response> {
  const signed = signRequest(by, { method, path: target, body })
  if (body === undefined) return fetch(url + target, { method, headers: signed })
  return fetch(url + target, { method, headers: { ...signed, 'content-type': 'application/json' }, body })
}

async function checked(by: Integrator, name: string): Promise<Response> {
  const response = await signedFetch(by, 'GET', '/v1/integrator')
  if (!response.ok) fail(`${name} is not accepted: ${await response.text()}`)
  console.log(`${name} is accepted.`)
  return response
}

/** The clock here may differ from that of the server: it decides, and is asked until it does. */
async function untilRefused(by: Integrator, expectedAtMs: number): Promise<void> {
  console.log(`Waiting ${graceSeconds} s …`)
  for (;;) {
    const response = await signedFetch(by, 'GET', '/v1/integrator')
    if (!response.ok) {
      const { code } = (await response.json()) as { code: string }
      return console.log(`The old secret is refused: ${code}.`)
    }
    const leftMs = expectedAtMs - Date.now()
    if (process.stdout.isTTY) process.stdout.write(`${Math.max(0, Math.ceil(leftMs / 1000))} s left  \r`)
    await pause(Math.min(1000, Math.max(50, leftMs)))
  }
}

/** What an operator sees of a secret: whoever has it can compute this. */
function fingerprint(text: string): string {
  return `sha256:${bodySha256(text).slice(0, 16)}`
}

function fail(message: string): never {
  console.error(message)
  process.exit(1)
}
