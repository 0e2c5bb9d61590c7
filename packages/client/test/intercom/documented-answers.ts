/*
 * What Intercom documents that its Preview API answers on `/secure_mode_secrets`, in its API reference:
 *
 * - https://developers.intercom.com/docs/references/preview/rest-api/api.intercom.io/identity-verification-secrets
 *   (list, create and delete, the fields of a secret), and pull request 475 of github.com/intercom/Intercom-OpenAPI
 * - https://developers.intercom.com/docs/references/rest-api/errors/error-objects (the form of an error, in which
 *   `request_id`, `message` and `field` may be missing)
 * - https://developers.intercom.com/docs/references/rest-api/errors/rate-limiting (the headers; there is no Retry-After)
 *
 * Written down from those pages, not received from Intercom. Ids, names, times, tokens, secrets and the words of errors
 * are made up; so is which error a wrong create gets, of which the pages say nothing.
 */

const production = {
  type: 'identity_verification_secret',
  id: '102',
  name: 'Production Web',
  supports_android: false,
  supports_ios: false,
  supports_web: true,
  created_at: 1764547200,
} as const

export const secrets = [
  production,
  { ...production, id: '117', name: 'Mobile', supports_android: true, supports_ios: true, supports_web: false },
] as const

export const list = { type: 'list', data: secrets } as const

/** Of a create: `secret` appears here and in no other answer. */
export const created = {
  ...production,
  id: '131',
  name: 'Production Web 2',
  created_at: 1767225600,
  secret: 'bWFkZSB1cCBmb3IgYSB0ZXN0LCBub3QgYSByZWFsIG9',
} as const

export const errors = {
  unauthorized: {
    status: 401,
    body: {
      type: 'error.list',
      request_id: '0012xkfq4ut8mjt2g3f0',
      errors: [{ code: 'unauthorized', message: 'Access Token Invalid' }],
    },
  },
  noPlatform: {
    status: 422,
    body: {
      type: 'error.list',
      request_id: '0012xkfq4ut8mjt2g3f1',
      errors: [{ code: 'parameter_invalid', message: 'At least one platform must be enabled' }],
    },
  },
  notFound: {
    status: 404,
    body: {
      type: 'error.list',
      request_id: '0012xkfq4ut8mjt2g3f2',
      errors: [{ code: 'not_found', message: 'Resource Not Found' }],
    },
  },
  /** Everything optional left out. */
  bare: { status: 400, body: { type: 'error.list', errors: [{ code: 'intercom_version_invalid' }] } },
  rateLimited: {
    status: 429,
    body: {
      type: 'error.list',
      request_id: null,
      errors: [{ code: 'rate_limit_exceeded', message: 'Exceeded rate limit of 83 in 10_seconds' }],
    },
  },
} as const
