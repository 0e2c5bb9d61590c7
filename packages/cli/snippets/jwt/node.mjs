import { createHmac } from 'node:crypto'
import { readFileSync } from 'node:fs'

// The key is the bytes of the secret as issued: its base64url is not decoded.
const secret = process.env.SIGNING_SECRET
if (!secret) throw new Error('SIGNING_SECRET is not set')

const base64url = (value) => Buffer.from(JSON.stringify(value)).toString('base64url')

function userJwt(userId) {
  const claims = { user_id: userId, exp: Math.floor(Date.now() / 1000) + 300 }
  const content = `${base64url({ alg: 'HS256', typ: 'JWT' })}.${base64url(claims)}`
  return `${content}.${createHmac('sha256', secret).update(content).digest('base64url')}`
}

// User ids on standard input, one on each line.
const userIds = readFileSync(0, 'utf8').replace(/\n$/, '').split('\n')
for (const userId of userIds) process.stdout.write(`${userJwt(userId)}\n`)
