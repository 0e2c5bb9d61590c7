/** The limits of the wire. Lengths of text count Unicode code points; sizes count bytes. */
export const limits = {
  bodyBytes: 64 * 1024,
  batchBodyBytes: 1024 * 1024,
  bodyDepth: 32,
  headerBytes: 16 * 1024,
  nameLength: 255,
  sourceLength: 64,
  referenceLength: 255,
  batchItems: 1000,
  idempotencyKeyLength: 255,
  idempotencyRetentionMs: 10 * 60 * 1000,
  idempotencyWaitMs: 10_000,
  jwtBytes: 8 * 1024,
  jwtLeewaySeconds: 60,
} as const
