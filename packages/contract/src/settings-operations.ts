import { bearer, json, nativeBodyErrors, nativeErrors, WorkspaceHeader } from './answers.ts'
import { responseHeaders } from './headers.ts'
import { Readiness24h, Settings } from './settings.ts'

const tags = ['Settings']
const security = bearer
const headers = WorkspaceHeader

export const settingsOperations = {
  readSettings: {
    operationId: 'readSettings',
    tags,
    summary: 'Read the settings of the workspace',
    description: 'Scope: `read_settings`.',
    security,
    headers,
    response: { 200: json('The settings', Settings), ...nativeErrors },
  },
  changeSettings: {
    operationId: 'changeSettings',
    tags,
    summary: 'Change the settings of the workspace',
    description: 'All of them at once. Once this is answered, every node judges by them. Scope: `write_settings`.',
    security,
    headers,
    body: Settings,
    response: {
      200: json('The settings', Settings, responseHeaders.revocationEpoch),
      ...nativeErrors,
      ...nativeBodyErrors,
    },
  },
  readReadiness: {
    operationId: 'readReadiness',
    tags,
    summary: 'What enforcing would do',
    description:
      'Of what was asked for in the last 24 hours, by platform: the shares that verified, came unsigned, and failed. ' +
      'Scope: `read_settings`.',
    security,
    headers,
    response: { 200: json('The shares', Readiness24h), ...nativeErrors },
  },
} as const
