import { Api } from './api.ts'
import { SecureModeSecrets } from './resources/secure-mode-secrets.ts'
import { Transport, type TransportOptions } from './transport.ts'

export interface IntercomClientOptions extends Omit<TransportOptions, 'baseUrl'> {
  /** `https://api.intercom.io` unless given; other regions have hosts of their own. */
  readonly baseUrl?: string | undefined
  /** Access token of Intercom. */
  readonly token: string
  /** `Intercom-Version`; `Preview` unless given, the version that has these calls. */
  readonly version?: string | undefined
}

/**
 * The identity verification secrets of Intercom itself. A create is not sent again where its answer is lost: nothing is
 * documented that would make that safe.
 *
 * @throws TypeError for a `baseUrl` that is no http or https URL.
 */
export function intercomSecrets(options: IntercomClientOptions): SecureModeSecrets {
  const { baseUrl = 'https://api.intercom.io', token, version = 'Preview', ...transport } = options
  const headers = { Authorization: `Bearer ${token}`, 'Intercom-Version': version, Accept: 'application/json' }
  return new SecureModeSecrets(new Api(new Transport({ baseUrl, ...transport }), headers), { keyed: false })
}
