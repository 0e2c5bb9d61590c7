import { readFileSync } from 'node:fs'
import { createSecureContext } from 'node:tls'
import type { Settings } from './config.ts'
import { StartupRefusal } from './startup-refusal.ts'

export interface TlsFiles {
  readonly cert: string
  readonly key: string
}

/** The certificate and its key, proven to belong together; `null` where TLS is ended elsewhere. */
export function readTlsFiles({ CUTOVER_TLS_CERT_FILE, CUTOVER_TLS_KEY_FILE }: Settings): TlsFiles | null {
  if (CUTOVER_TLS_CERT_FILE === undefined || CUTOVER_TLS_KEY_FILE === undefined) return null
  const tls = readPems(CUTOVER_TLS_CERT_FILE, CUTOVER_TLS_KEY_FILE)
  try {
    createSecureContext(tls)
    return tls
  } catch (error) {
    const reason = (error as Error).message
    throw new StartupRefusal(`The TLS files hold no certificate and its key in PEM: ${reason}.`)
  }
}

function readPems(certFile: string, keyFile: string): TlsFiles {
  try {
    return { cert: readFileSync(certFile, 'utf8'), key: readFileSync(keyFile, 'utf8') }
  } catch (error) {
    throw new StartupRefusal(`The TLS files cannot be read: ${(error as Error).message}.`)
  }
}
