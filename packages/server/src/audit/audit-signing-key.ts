import { createPrivateKey, createPublicKey, hash, type KeyObject, sign } from 'node:crypto'
import type { AuditKey } from '@cutover/contract'
import { canonicalJson } from '@cutover/signing'
import type { System } from '../system.ts'
import type { AuditKeySealer, AuditKeyStore, AuditKeyTransaction } from './ports.ts'

const seedBytes = 32

/** PKCS #8 of an Ed25519 private key up to its seed (RFC 8410, section 7). */
const pkcs8Prefix = Buffer.from('302e020100300506032b657004220420', 'hex')

/** Signs checkpoints. The private key is in a private field: neither a log nor JSON shows it. */
export class AuditSigningKey {
  readonly jwk: AuditKey
  readonly #privateKey: KeyObject

  /** From its 32 bytes of seed (RFC 8032, section 5.1.5). */
  constructor(seed: Uint8Array) {
    this.#privateKey = createPrivateKey({
      key: Buffer.concat([pkcs8Prefix, seed]),
      format: 'der',
      type: 'pkcs8',
    })
    this.jwk = publicJwk(createPublicKey(this.#privateKey))
  }

  /** Ed25519 over the UTF-8 of `text`, base64url. */
  sign(text: string): string {
    return sign(null, Buffer.from(text), this.#privateKey).toString('base64url')
  }
}

function publicJwk(key: KeyObject): AuditKey {
  const { x = '' } = key.export({ format: 'jwk' })
  const required = { crv: 'Ed25519', kty: 'OKP', x } as const
  // RFC 7638: the required members in canonical form.
  const kid = hash('sha256', canonicalJson(required), 'base64url')
  return { ...required, kid, alg: 'EdDSA', use: 'sig' }
}

export interface AuditKeyPorts {
  readonly store: {
    readonly read: { readonly auditKeys: AuditKeyStore }
    transaction(work: (tx: AuditKeyTransaction) => Promise<void>): Promise<void>
  }
  readonly sealer: AuditKeySealer
  readonly system: System
}

/** The key of this store. One is made where there is none: at a first start, and in a store that is older than keys. */
export async function loadAuditSigningKey(ports: AuditKeyPorts): Promise<AuditSigningKey> {
  const { store, sealer } = ports
  if ((await store.read.auditKeys.find()) === null) await makeKey(ports)
  // Read again also where it was just made: another process may have been first.
  const stored = await store.read.auditKeys.find()
  if (stored === null) throw new Error('the signing key of the audit log is gone')
  return new AuditSigningKey(Buffer.from(await sealer.openAuditKey(stored.sealed, stored.kid), 'base64url'))
}

async function makeKey({ store, sealer, system }: AuditKeyPorts): Promise<void> {
  const seed = system.randomBytes(seedBytes)
  const { kid } = new AuditSigningKey(seed).jwk
  await store.transaction(async (tx) => {
    await tx.epoch.lock()
    const sealed = await sealer.sealAuditKey(Buffer.from(seed).toString('base64url'), kid, tx.masterKeys)
    await tx.auditKeys.insertFirst({ kid, sealed }, system.nowMs())
  })
}
