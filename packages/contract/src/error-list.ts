import { type Static, Type } from 'typebox'

/** Codes of the Intercom-compatible dialect, with the statuses under which each appears. */
export const errorListCodes = {
  unauthorized: [401],
  token_unauthorized: [403],
  intercom_version_invalid: [400],
  parameter_invalid: [400, 422],
  type_mismatch: [422],
  identity_verification_secret_not_found: [404],
  not_found: [404],
  conflict: [409],
  client_error: [400, 408, 413, 415, 431],
  rate_limit_exceeded: [429],
  server_error: [500],
  service_unavailable: [503],
} as const satisfies Record<string, readonly number[]>

export type ErrorListCode = keyof typeof errorListCodes

const errorListCodeNames = Object.keys(errorListCodes) as ErrorListCode[] // sound: the object above has no other keys

export const ErrorList = Type.Object(
  {
    type: Type.Literal('error.list'),
    request_id: Type.String({ format: 'uuid', description: 'The value of X-Request-Id' }),
    errors: Type.Array(
      Type.Object({
        code: Type.Enum(errorListCodeNames),
        message: Type.String(),
        field: Type.Optional(Type.String({ description: 'The field of the body that is wrong' })),
      }),
      { minItems: 1, description: 'One entry per wrong field; one alone where no field is to blame' },
    ),
  },
  {
    title: 'ErrorList',
    description: 'An error of the Intercom-compatible dialect',
    examples: [
      {
        type: 'error.list',
        request_id: '6b1f4f52-6d1c-4d3e-9c5a-2f3a6c0b7d10',
        errors: [{ code: 'unauthorized', message: 'Access Token Invalid' }],
      },
    ],
  },
)
export type ErrorList = Static<typeof ErrorList>
export type ErrorListEntry = ErrorList['errors'][number]
