import { type Answer, bearer, json, nativeBodyErrors, nativeErrors } from './answers.ts'
import { responseHeaders } from './headers.ts'
import { CreatedSession, CreateSession } from './sessions.ts'

const tags = ['Sessions']

const setCookie = {
  'Set-Cookie': { type: 'string', description: 'The session: HttpOnly, SameSite=Strict, Path=/; with TLS Secure, too' },
} as const

/** A good token is counted by the time these are answered. */
const counted = (answer: Answer): Answer => ({
  ...answer,
  headers: { ...answer.headers, ...responseHeaders.rateLimit },
})

export const sessionOperations = {
  createSession: {
    operationId: 'createSession',
    tags,
    summary: 'Sign in',
    description:
      'Exchanges an access token for a cookie that stands for it, for browsers: in place of the header Authorization ' +
      'on every route that takes an access token. It ends 8 hours after its last use, 24 hours after this, with the ' +
      'token, or when it is ended, whichever comes first. `Origin` must be that of this server. Any valid token.',
    security: [],
    body: CreateSession,
    response: {
      201: counted(json('Signed in', CreatedSession, { ...responseHeaders.noStore, ...setCookie })),
      400: nativeErrors[400],
      401: nativeErrors[401],
      403: nativeErrors[403],
      404: nativeErrors[404],
      405: nativeErrors[405],
      ...nativeBodyErrors,
      429: counted(nativeErrors[429]),
      500: counted(nativeErrors[500]),
      503: counted(nativeErrors[503]),
    },
  },
  endSession: {
    operationId: 'endSession',
    tags,
    summary: 'Sign out',
    description:
      'Once this answers, no node accepts a request sent afterwards with that cookie. With an access token in place of ' +
      'the cookie there is no session to end: 404.',
    security: bearer,
    response: {
      204: {
        description: 'Signed out',
        type: 'null',
        headers: { ...responseHeaders.requestId, ...responseHeaders.revocationEpoch, ...setCookie },
      },
      ...nativeErrors,
      413: nativeBodyErrors[413],
      415: nativeBodyErrors[415],
    },
  },
} as const
