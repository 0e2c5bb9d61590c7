/** The bytes that were sent, as far as they can be read in each of two ways. */
export interface PresentedDigest {
  /** Written as it is asked for: a hash in hex, the signature of a JWT in base64url. */
  readonly asAsked: Uint8Array | null
  readonly fromBase64: Uint8Array | null
}

const hexShape = /^(?:[0-9A-Fa-f]{2})+$/
const base64Shape = /^[0-9A-Za-z+/_-]+={0,2}$/
const sha256Bytes = 32

/** Base64 in either alphabet, padded or not; of the bytes, of their hex digits, or itself in hex once more. */
export function readHash(userHash: string): PresentedDigest {
  const asAsked = hexShape.test(userHash) ? Buffer.from(userHash, 'hex') : null
  const readings = [fromBase64(userHash), hexInside(userHash), asAsked && fromBase64(asAsked.toString('latin1'))]
  return { asAsked, fromBase64: readings.find((bytes) => bytes?.length === sha256Bytes) ?? null }
}

function fromBase64(text: string): Buffer | null {
  return base64Shape.test(text) ? Buffer.from(text, 'base64') : null
}

function hexInside(text: string): Buffer | null {
  const digits = fromBase64(text)?.toString('latin1') ?? ''
  return hexShape.test(digits) ? Buffer.from(digits, 'hex') : null
}

export function readJwtSignature(jwt: string): { readonly signingInput: string; readonly presented: PresentedDigest } {
  const end = jwt.lastIndexOf('.')
  const asAsked = Buffer.from(jwt.slice(end + 1), 'base64url')
  return { signingInput: jwt.slice(0, end), presented: { asAsked, fromBase64: null } }
}
