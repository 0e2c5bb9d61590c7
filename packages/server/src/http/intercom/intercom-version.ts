import { headers } from '@cutover/contract'
import type { onRequestHookHandler } from 'fastify'
import { Refusal } from '../refusal.ts'

/** Every version that Intercom has published, and Preview; all are answered in the Preview shape. */
const published = new Set([...minors(1, 4), ...minors(2, 17)])

function minors(major: number, last: number): string[] {
  return Array.from({ length: last + 1 }, (_, minor) => `${major}.${minor}`)
}

export const acceptIntercomVersion: onRequestHookHandler = (request, _reply, done) => {
  const version = request.headers[headers.intercomVersion.toLowerCase()]
  const accepted =
    version === undefined || (typeof version === 'string' && (/^preview$/i.test(version) || published.has(version)))
  done(accepted ? undefined : new Refusal('version_invalid'))
}
