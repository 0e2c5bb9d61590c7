const alphabet = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz'
const CHECKSUM_DIGITS = 6

/**
 * The checksum of Cutover's access tokens and integrator secrets: CRC-32 (IEEE 802.3, as in gzip, RFC 1952 §8) over the
 * ASCII of the random digits, written as six base62 digits (`0-9A-Za-z`), the most significant first.
 *
 * @param randomDigits - what stands between the prefix and the checksum: 32 digits of an access token, 43 of an
 *   integrator secret. Of a character outside ASCII only the low byte counts.
 */
export function tokenChecksum(randomDigits: string): string {
  let rest = crc32(randomDigits)
  let digits = ''
  while (rest > 0) {
    digits = `${alphabet[rest % 62]}${digits}`
    rest = Math.floor(rest / 62)
  }
  return digits.padStart(CHECKSUM_DIGITS, '0')
}

/**
 * Tells an access token (`cut_…`) or an integrator secret (`ints_…`) from noise without asking a server: one in 2^32
 * random texts of that shape passes. Whether Cutover ever issued it, and whether it is still accepted, it does not say.
 *
 * @param token - all of it, its prefix included. What has neither shape is no token, whatever its checksum.
 */
export function hasTokenChecksum(token: string): boolean {
  const digits = /^(?:cut_([0-9A-Za-z]{38})|ints_([0-9A-Za-z]{49}))$/.exec(token)
  const withChecksum = digits?.[1] ?? digits?.[2]
  return (
    withChecksum !== undefined &&
    withChecksum.slice(-CHECKSUM_DIGITS) === tokenChecksum(withChecksum.slice(0, -CHECKSUM_DIGITS))
  )
}

const crcOfByte = Uint32Array.from({ length: 256 }, (_, byte) => {
  let crc = byte
  for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? (crc >>> 1) ^ 0xedb88320 : crc >>> 1
  return crc
})

function crc32(text: string): number {
  let crc = 0xffffffff
  for (let at = 0; at < text.length; at++) {
    crc = (crc >>> 8) ^ (crcOfByte[(crc ^ text.charCodeAt(at)) & 0xff] ?? 0)
  }
  return (crc ^ 0xffffffff) >>> 0
}
