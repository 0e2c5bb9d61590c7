import type { Scope } from '@cutover/contract'
import { DomainError, type DomainErrorCode } from '../domain-error.ts'

/** What is wrong with one field of a body; `message` is a whole sentence that names the field. */
export interface FieldFault {
  /** Empty where no single field is to blame. */
  readonly field: string
  readonly message: string
  readonly isTypeMismatch: boolean
}

/** Why a request was refused, in no dialect: each dialect has its status, code and words for every kind. */
export type RefusalKind =
  | DomainErrorCode
  | 'route_unknown'
  | 'method_unknown'
  | 'version_invalid'
  | 'origin_mismatch'
  | 'session_unknown'
  | 'too_many_streams'
  | 'too_busy'
  | 'request_malformed'
  | 'signature_missing'
  | 'idempotency_key_malformed'
  | 'body_malformed'
  | 'body_too_large'
  | 'media_type'
  | 'fields_invalid'
  | 'rate_limit_exceeded'
  | 'server_error'

/** Of the window that has no request left. */
export interface ExceededLimit {
  readonly limit: number
  readonly retryAfterSeconds: number
}

export interface ClockSkew {
  readonly skewMs: number
  readonly serverTimeMs: number
}

export interface RefusalDetails {
  /** A whole sentence, where the kind alone does not say what to mend. */
  readonly detail?: string
  readonly faults?: readonly FieldFault[]
  readonly allow?: string
  readonly exceeded?: ExceededLimit
  /** How far the timestamp of a signed request is off, and from what time. */
  readonly skew?: ClockSkew
  /** The id or key of what there is none of. */
  readonly subject?: string
  readonly scope?: Scope
  readonly cause?: unknown
}

/** Thrown anywhere in http; turned into an answer in one place, the error handler. */
export class Refusal extends Error {
  override readonly name = 'Refusal'
  readonly kind: RefusalKind
  readonly details: RefusalDetails

  constructor(kind: RefusalKind, details: RefusalDetails = {}) {
    super(kind, details.cause === undefined ? {} : { cause: details.cause })
    this.kind = kind
    this.details = details
  }
}

/** Codes of Fastify's own errors that are the client's doing; anything that is not listed is ours. */
const fastifyRefusals: Readonly<Record<string, RefusalKind>> = {
  FST_ERR_CTP_BODY_TOO_LARGE: 'body_too_large',
  FST_ERR_CTP_INVALID_MEDIA_TYPE: 'media_type',
  FST_ERR_CTP_INVALID_CONTENT_LENGTH: 'body_malformed',
  FST_ERR_BAD_URL: 'route_unknown',
  FST_ERR_MAX_PARAM_LENGTH: 'route_unknown',
}

export function toRefusal(error: unknown): Refusal {
  if (error instanceof Refusal) return error
  if (error instanceof DomainError) {
    return new Refusal(error.code, { ...detailsOf(error), cause: error.cause })
  }
  const kind = fastifyRefusals[(error as { code?: string } | null)?.code ?? '']
  if (kind === 'body_malformed') return new Refusal(kind, { detail: 'Request body does not match its Content-Length' })
  return kind ? new Refusal(kind) : new Refusal('server_error', { cause: error })
}

const noPlatform: FieldFault = {
  field: 'platforms',
  message: 'platforms must have at least one that is true',
  isTypeMismatch: false,
}

function detailsOf({ code, details }: DomainError): RefusalDetails {
  if (code === 'no_platform') return { faults: [noPlatform] }
  const { limit, retryAfterSeconds, detail, subject } = details
  if (limit !== undefined && retryAfterSeconds !== undefined) return { exceeded: { limit, retryAfterSeconds } }
  const words = limit === undefined ? detail : `At most ${limit} live secrets are allowed`
  return { ...(words === undefined ? {} : { detail: words }), ...(subject === undefined ? {} : { subject }) }
}
