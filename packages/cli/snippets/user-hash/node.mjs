import { createHmac } from 'node:crypto'
import { readFileSync } from 'node:fs'

// The key is the bytes of the secret as issued: its base64url is not decoded.
const secret = process.env.SIGNING_SECRET
if (!secret) throw new Error('SIGNING_SECRET is not set')

function userHash(userId) {
  return createHmac('sha256', secret).update(userId).digest('hex')
}

// User ids on standard input, one on each line.
const userIds = readFileSync(0, 'utf8').replace(/\n$/, '').split('\n')
for (const userId of userIds) process.stdout.write(`${userHash(userId)}\n`)
