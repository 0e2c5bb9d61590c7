/**
 * Why a webhook was refused, in the order in which the checks are made: the first that fits is the answer.
 *
 * - `webhook_header_missing`: a header that the scheme needs is not there
 * - `webhook_malformed`: such a header is there more than once, or is not of the form that the scheme gives it
 * - `no_active_secret`: the keyset is empty
 * - `mismatch`: no secret of the keyset made one of the signatures
 * - `webhook_too_old`, `webhook_too_new`: genuine, and its timestamp further from the clock than is tolerated
 */
export const webhookRefusalReasons = [
  'webhook_header_missing',
  'webhook_malformed',
  'no_active_secret',
  'mismatch',
  'webhook_too_old',
  'webhook_too_new',
] as const

export type WebhookRefusalReason = (typeof webhookRefusalReasons)[number]
