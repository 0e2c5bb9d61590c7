import { createCipheriv, hash, randomBytes } from 'node:crypto'

/** A master key, as CUTOVER_MASTER_KEYS names it. */
export interface SealingKey {
  readonly kid: string
  readonly key: Buffer
}

export interface Place {
  readonly workspaceId: string
  readonly id: string
}

/** What users of the secret of this id are signed with: known to whoever knows its id, so that nothing has to be kept. */
export function materialOf(id: string): string {
  return hash('sha256', `secret ${id} of the bench`, 'base64url')
}

/**
 * As the server seals, JWE (RFC 7516) with A256GCMKW and A256GCM, bound to its row: it opens like any other. Written
 * here a second time because the server's own takes thirty times as long, which is nothing for one and minutes for a
 * million.
 */
export function sealMaterial({ kid, key }: SealingKey, { workspaceId, id }: Place): string {
  const contentKey = random(32)
  const wrapped = encrypt(key, contentKey, Buffer.alloc(0))
  const header = {
    ...{ alg: 'A256GCMKW', enc: 'A256GCM', kid, wid: workspaceId, sid: id, use: 'identity_secret' },
    ...{ iv: wrapped.iv, tag: wrapped.tag },
  }
  const encoded = Buffer.from(JSON.stringify(header)).toString('base64url')
  const content = encrypt(contentKey, Buffer.from(materialOf(id)), Buffer.from(encoded))
  return [encoded, wrapped.ciphertext, content.iv, content.ciphertext, content.tag].join('.')
}

function encrypt(key: Buffer, plaintext: Buffer, authenticated: Buffer) {
  const iv = random(12)
  const cipher = createCipheriv('aes-256-gcm', key, iv).setAAD(authenticated)
  const ciphertext = Buffer.concat([cipher.update(plaintext), cipher.final()])
  return {
    iv: iv.toString('base64url'),
    ciphertext: ciphertext.toString('base64url'),
    tag: cipher.getAuthTag().toString('base64url'),
  }
}

let drawn = Buffer.alloc(0)

/** Never the same bytes twice. Drawn in large pieces: a small one costs as much. */
function random(bytes: number): Buffer {
  if (drawn.length < bytes) drawn = randomBytes(65_536)
  const taken = drawn.subarray(0, bytes)
  drawn = drawn.subarray(bytes)
  return taken
}
