/**
 * Why a signed request was refused, in the order in which the checks are made: the first that fits is the answer.
 *
 * - `timestamp_malformed`: X-Timestamp is missing, there more than once, or not 13 digits without a leading zero
 * - `timestamp_out_of_range`: it is more than 300,000 ms from the verifier's clock
 * - `signature_malformed`: X-Signature is missing, there more than once, or not `sha256=` and 64 lowercase hex digits
 * - `signature_invalid`: no secret of the keyset made this signature; also for an unknown key, which must look alike
 */
export const requestRefusalReasons = [
  'timestamp_malformed',
  'timestamp_out_of_range',
  'signature_malformed',
  'signature_invalid',
] as const

export type RequestRefusalReason = (typeof requestRefusalReasons)[number]
