import { describe, expect, it } from 'vitest'
import { readSettings, trustedProxies } from './config.ts'

const defaults = {
  CUTOVER_AUDIT_READS: false,
  CUTOVER_AUDIT_STDOUT: false,
  PORT: 8080,
  HOST: '127.0.0.1',
  CUTOVER_DRAIN_MS: 0,
  CUTOVER_DATA_DIR: './data',
  CUTOVER_MAX_ACTIVE_SECRETS: 20,
  CUTOVER_KEYSET_CACHE: 100_000,
  CUTOVER_LEASE_MS: 10_000,
  CUTOVER_MAX_ONE_TIME_SIGNATURES: 50_000,
  CUTOVER_RATE_LIMIT_PER_MINUTE: 1000,
  CUTOVER_LOG_LEVEL: 'info',
}

describe('the settings', () => {
  it('have a default each, and ignore what is none of ours', () => {
    expect(
      readSettings({ PATH: '/bin', HOME: '/root', CUTOVER_TOKEN: 'cut_x', CUTOVER_TEST_DATABASE_URL: 'x' }),
    ).toEqual(defaults)
  })

  it('take an empty variable for an absent one, except where a secret did not arrive', () => {
    expect(readSettings({ PORT: '', CUTOVER_DATABASE_URL: '' })).toEqual(defaults)
    for (const name of ['CUTOVER_MASTER_KEYS_FILE', 'CUTOVER_METRICS_TOKEN', 'CUTOVER_MARK_FILE']) {
      expect(() => readSettings({ [name]: '' })).toThrow(`A setting is not valid: ${name} must NOT have fewer than`)
    }
    for (const name of ['CUTOVER_MASTER_KEYS', 'CUTOVER_BOOTSTRAP_TOKEN']) {
      expect(readSettings({ [name]: '' })).toEqual({ ...defaults, [name]: '' })
    }
  })

  it.each<[Record<string, string>, string]>([
    [{ CUTOVER_DATABSE_URL: 'x' }, 'Unknown setting CUTOVER_DATABSE_URL: docs/configuration.md lists those there are.'],
    [{ PORT: '99999' }, 'A setting is not valid: PORT must be <= 65535. See docs/configuration.md.'],
    [{ PORT: 'http' }, 'A setting is not valid: PORT must be integer. See docs/configuration.md.'],
    [
      { CUTOVER_DATABASE_URL: 'mysql://user:hunter2@host/db' },
      'A setting is not valid: CUTOVER_DATABASE_URL must match pattern "^postgres(ql)?://". See docs/configuration.md.',
    ],
    [
      { CUTOVER_TLS_CERT_FILE: 'a.pem' },
      'CUTOVER_TLS_CERT_FILE and CUTOVER_TLS_KEY_FILE go together: set both or neither.',
    ],
    [
      { HOST: '0.0.0.0' },
      'HOST=0.0.0.0 would carry access tokens in the clear: set CUTOVER_TLS_CERT_FILE and CUTOVER_TLS_KEY_FILE, ' +
        'or CUTOVER_TRUST_PROXY when a proxy in front ends TLS.',
    ],
    [
      { CUTOVER_TRUST_PROXY: 'true' },
      'CUTOVER_TRUST_PROXY takes addresses and CIDR ranges, comma-separated, like 10.0.0.0/8,::1.',
    ],
    [
      { CUTOVER_TRUST_PROXY: '10.0.0.0/33' },
      'CUTOVER_TRUST_PROXY takes addresses and CIDR ranges, comma-separated, like 10.0.0.0/8,::1.',
    ],
  ])('%j is refused: %s', (environment, message) => {
    expect(() => readSettings(environment)).toThrow(message)
    expect(() => readSettings(environment)).not.toThrow('hunter2')
  })

  it('let another address be listened on with TLS, or behind a trusted proxy', () => {
    const tls = { CUTOVER_TLS_CERT_FILE: 'a', CUTOVER_TLS_KEY_FILE: 'b' }
    expect(readSettings({ HOST: '0.0.0.0', ...tls }).HOST).toBe('0.0.0.0')
    const behindProxy = readSettings({ HOST: '::', CUTOVER_TRUST_PROXY: '10.0.0.0/8, ::1' })
    expect(trustedProxies(behindProxy)).toEqual(['10.0.0.0/8', '::1'])
  })
})
