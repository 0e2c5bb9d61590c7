import { createHash, createHmac } from 'node:crypto'
import { readFileSync } from 'node:fs'

// The key is the bytes of the secret as issued: nothing of it is decoded.
const { INTEGRATOR_KEY: key, SIGNING_SECRET: secret } = process.env
if (!key || !secret) throw new Error('INTEGRATOR_KEY or SIGNING_SECRET is not set')

function signedHeaders(method, path, body) {
  const timestamp = Date.now()
  const bodySha256 = createHash('sha256').update(body).digest('hex')
  const content = `${timestamp}.${method.toUpperCase()}.${path}.${bodySha256}`
  return {
    'X-Integrator-Key': key,
    'X-Timestamp': `${timestamp}`,
    'X-Signature': `sha256=${createHmac('sha256', secret).update(content).digest('hex')}`,
  }
}

// Method and path with its query as arguments, the raw body on standard input.
const [method, path] = process.argv.slice(2)
const headers = signedHeaders(method, path, readFileSync(0))
for (const [name, value] of Object.entries(headers)) process.stdout.write(`${name}: ${value}\n`)
