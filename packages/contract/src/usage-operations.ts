import { Type } from 'typebox'
import { type Answer, bearer, json, nativeBodyErrors, nativeErrors, WorkspaceHeader } from './answers.ts'
import { responseHeaders } from './headers.ts'
import { LiveCutover } from './live-cutover.ts'
import { OutcomeCounts } from './outcomes.ts'
import { Cutover, IntegratorCutover, IntegratorUsage, Usage, usageBuckets } from './usage.ts'

const ofSecret = {
  tags: ['Identity secrets'],
  security: bearer,
  headers: WorkspaceHeader,
  params: Type.Object({ id: Type.String({ description: 'Id of an identity secret' }) }),
}

const ofIntegrator = {
  ...ofSecret,
  tags: ['Integrators'],
  params: Type.Object({ id: Type.String({ description: 'Id of an integrator' }) }),
}

const time = (description: string) => Type.Optional(Type.String({ description, examples: ['2026-11-21T12:00:00Z'] }))

const UsageQuery = Type.Object(
  {
    from: time('From this moment on; by default an hour, a day or 30 days before `to`, by bucket'),
    to: time('Before this moment; by default now'),
    bucket: Type.Optional(
      Type.Enum(usageBuckets, {
        description: 'hour by default. Minutes are kept for 48 hours, hours for 90 days, days for 2 years',
      }),
    ),
  },
  { additionalProperties: false },
)

const OutcomesQuery = Type.Object(
  { from: time('From the hour of this moment on; by default a day before `to`'), to: UsageQuery.properties.to },
  { additionalProperties: false },
)

const LiveQuery = Type.Object(
  {
    workspace: Type.Optional(
      Type.String({ description: 'As the header Cutover-Workspace, for those who cannot send headers' }),
    ),
  },
  { additionalProperties: false },
)

const events: Answer = {
  description: 'Server-sent events `cutover`; the data of each is a LiveCutover, as JSON in one line',
  headers: {
    ...responseHeaders.requestId,
    'Cache-Control': Type.Literal('no-store'),
    'X-Accel-Buffering': Type.Literal('no', { description: 'For proxies that would keep events back' }),
  },
  content: {
    'text/event-stream': {
      schema: Type.String({ contentMediaType: 'application/json', contentSchema: LiveCutover }),
    },
  },
}

const CutoverQuery = Type.Object(
  {
    quietSeconds: Type.Optional(
      Type.String({
        pattern: '^[0-9]{1,7}$',
        description:
          'How long it must have been quiet, from 1 second to 60 days; by default an hour, or twice the longest pause between ' +
          'its uses in 30 days if that is longer',
      }),
    ),
  },
  { additionalProperties: false },
)

/** Of a delete that is to happen only where nothing was verified for so long. */
export const QuietQuery = Type.Object(
  {
    ifQuietForSeconds: Type.Optional(
      Type.String({
        pattern: '^[0-9]{1,7}$',
        description: 'Up to 60 days; where something was verified in that time: 409 `secret_in_use`',
      }),
    ),
  },
  { additionalProperties: false },
)

const errors = { ...nativeErrors, 422: nativeBodyErrors[422] }
const mayReadSecrets = 'Scope: `read_secure_mode_secret`.'
const mayReadIntegrators = 'Scope: `read_integrators`.'

export const usageOperations = {
  readUsage: {
    ...ofSecret,
    operationId: 'readUsage',
    summary: 'How often a secret verified something',
    description: `By platform; buckets without a use are left out. Deleted secrets too. ${mayReadSecrets}`,
    querystring: UsageQuery,
    response: { 200: json('The counts', Usage), ...errors },
  },
  readCutover: {
    ...ofSecret,
    operationId: 'readCutover',
    summary: 'Whether traffic has left a secret',
    description: `May it go, or who still signs with it? ${mayReadSecrets}`,
    querystring: CutoverQuery,
    response: { 200: json('The verdict', Cutover), ...errors },
  },
  streamCutover: {
    ...ofSecret,
    operationId: 'streamCutover',
    summary: 'Watch traffic leave a secret',
    description:
      'An event when something changed, every 2 seconds at most and every 15 at least. Each tells everything: a client ' +
      'that comes back needs none of those it missed. Ends after 15 minutes, when the server stops, and when the token ' +
      'or the session does. At most 20 at a time for a token (429) and 500 for a process (503). ' +
      mayReadSecrets,
    querystring: LiveQuery,
    response: { 200: events, ...errors },
  },
  readOutcomes: {
    tags: ['Verification'],
    security: bearer,
    headers: WorkspaceHeader,
    operationId: 'readOutcomes',
    summary: 'How verifications came out',
    description: `By hour, platform and outcome, on all nodes; kept for 90 days. ${mayReadSecrets}`,
    querystring: OutcomesQuery,
    response: { 200: json('The counts', OutcomeCounts), ...errors },
  },
  readIntegratorUsage: {
    ...ofIntegrator,
    operationId: 'readIntegratorUsage',
    summary: 'How often the secrets of an integrator verified something',
    description: `Each secret for itself, ended ones too. ${mayReadIntegrators}`,
    querystring: UsageQuery,
    response: { 200: json('The counts', IntegratorUsage), ...errors },
  },
  readIntegratorCutover: {
    ...ofIntegrator,
    operationId: 'readIntegratorCutover',
    summary: 'Whether an integrator has left its older secrets',
    description:
      'Judges all secrets that are on their way out together, beside the current one; where there are none any more, ' +
      `nothing is left to end: safe. ${mayReadIntegrators}`,
    querystring: CutoverQuery,
    response: { 200: json('The verdict', IntegratorCutover), ...errors },
  },
} as const
