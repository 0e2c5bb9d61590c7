import { type TSchema, Type } from 'typebox'
import { ErrorList } from './error-list.ts'
import { responseHeaders } from './headers.ts'
import { Problem } from './problem.ts'

/** One status of one operation, in the form that Fastify and its OpenAPI plugin read. */
export interface Answer {
  readonly description: string
  readonly headers?: Record<string, TSchema>
  readonly content: Record<string, { schema: TSchema }>
}

export const json = (description: string, schema: TSchema, headers: Record<string, TSchema> = {}): Answer => ({
  description,
  headers: { ...responseHeaders.requestId, ...headers },
  content: { 'application/json': { schema } },
})

const problem = (description: string, headers: Record<string, TSchema> = {}): Answer => ({
  description,
  headers: { ...responseHeaders.requestId, ...headers },
  content: { 'application/problem+json': { schema: Problem } },
})

const errorList = (description: string, headers: Record<string, TSchema> = {}): Answer =>
  json(description, ErrorList, headers)

export const intercomErrors = {
  400: errorList('Unreadable body, or an Intercom-Version that does not exist'),
  401: errorList('No token, or one that is malformed, unknown, expired or revoked', responseHeaders.authenticate),
  403: errorList('The token lacks the scope, or a request with a session does not come from the page of this server'),
  404: errorList('Not found'),
  429: errorList('Too many requests of this token, or without a good one', responseHeaders.retryAfter),
  500: errorList('Internal server error'),
  503: errorList('No store, or no lease', responseHeaders.retryAfter),
}

export const intercomBodyErrors = {
  409: errorList('A request with this Idempotency-Key is still running, or its answer was destroyed'),
  413: errorList('Body over 64 KiB'),
  415: errorList('Body that is not application/json'),
  422: errorList('A field is not valid, or the Idempotency-Key was used with another request'),
}

export const nativeErrors = {
  400: problem('Unreadable body, or no workspace named'),
  401: problem('No token, or one that is malformed, unknown, expired or revoked', responseHeaders.authenticate),
  403: problem('The token lacks the scope, or a request with a session does not come from the page of this server'),
  404: problem('Not found'),
  405: problem('Method not allowed', responseHeaders.allow),
  429: problem('Too many requests of this token, or without a good one', responseHeaders.retryAfter),
  500: problem('Internal server error'),
  503: problem('No store, no lease, or more to do than this process can', responseHeaders.retryAfter),
}

export const nativeBodyErrors = {
  413: problem('Body too large'),
  415: problem('Body that is not application/json'),
  422: problem('A field is not valid'),
}

/** An access token, or in its place the session of a browser. */
export const bearer = [{ accessToken: [] as string[] }, { session: [] as string[] }]

export const nativeConflict = {
  409: problem('Not possible in the state it is in, or the Idempotency-Key cannot be answered again'),
}

export const IntercomHeaders = Type.Object({
  'intercom-version': Type.Optional(
    Type.String({ description: 'Preview, 1.0 to 1.4, or 2.0 to 2.17; all are answered in the Preview shape' }),
  ),
  'cutover-workspace': Type.Optional(Type.String({ description: 'The workspace an instance token acts in' })),
})

export const WorkspaceHeader = Type.Object({ 'cutover-workspace': IntercomHeaders.properties['cutover-workspace'] })

/** Of what makes a secret or a token: a repeat gets the answer of the first time. */
export const KeyedWorkspaceHeaders = Type.Object({
  ...WorkspaceHeader.properties,
  'idempotency-key': Type.Optional(Type.String({ description: '1 to 255 visible ASCII characters' })),
})
