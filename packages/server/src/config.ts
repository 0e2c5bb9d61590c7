import { isIP } from 'node:net'
import envSchema from 'env-schema'
import { type Static, Type } from 'typebox'
import { StartupRefusal } from './startup-refusal.ts'

/** Every setting of the server: its environment variable, its default, and what it means. */
export const SettingsSchema = Type.Object({
  PORT: Type.Integer({ default: 8080, minimum: 0, maximum: 65535, description: 'Port to listen on' }),
  HOST: Type.String({
    default: '127.0.0.1',
    description: 'Address to listen on; any other than this machine needs TLS or CUTOVER_TRUST_PROXY',
  }),
  CUTOVER_TLS_CERT_FILE: Type.Optional(Type.String({ description: 'PEM certificate chain, to serve TLS' })),
  CUTOVER_TLS_KEY_FILE: Type.Optional(Type.String({ description: 'PEM private key of that certificate' })),
  CUTOVER_TRUST_PROXY: Type.Optional(
    Type.String({ description: 'Addresses or CIDR ranges of proxies in front, comma-separated, that end TLS' }),
  ),
  CUTOVER_DRAIN_MS: Type.Integer({
    default: 0,
    minimum: 0,
    maximum: 300_000,
    description: 'For how long a process that is told to end goes on serving, while /readyz says 503',
  }),
  CUTOVER_DATA_DIR: Type.String({ default: './data', description: 'Where the SQLite store and the master keys lie' }),
  CUTOVER_DATABASE_URL: Type.Optional(
    Type.String({ pattern: '^postgres(ql)?://', description: 'postgres://… to use PostgreSQL in place of SQLite' }),
  ),
  CUTOVER_LEASE_MS: Type.Integer({
    default: 10_000,
    minimum: 1000,
    maximum: 600_000,
    description:
      'For how long a node answers without having heard from the store; a dead node holds up one change for this long',
  }),
  CUTOVER_MARK_FILE: Type.Optional(
    Type.String({
      minLength: 1,
      description:
        'File that remembers the newest change, kept apart from the store, so that an older store is noticed',
    }),
  ),
  CUTOVER_MASTER_KEYS: Type.Optional(
    Type.String({ description: 'JWK set of master keys, as JSON; the first seals, all open' }),
  ),
  CUTOVER_MASTER_KEYS_FILE: Type.Optional(Type.String({ minLength: 1, description: 'File that holds that JWK set' })),
  CUTOVER_BOOTSTRAP_TOKEN: Type.Optional(
    Type.String({ description: 'Access token to set at first start, in place of one made and printed' }),
  ),
  CUTOVER_MAX_ACTIVE_SECRETS: Type.Integer({
    default: 20,
    minimum: 1,
    maximum: 1000,
    description: 'Live identity secrets that a workspace may have, and live secrets that an integrator may have',
  }),
  CUTOVER_KEYSET_CACHE: Type.Integer({
    default: 100_000,
    minimum: 1,
    maximum: 10_000_000,
    description: 'Workspaces, and integrators, whose keysets are kept in memory: this many of each',
  }),
  CUTOVER_MAX_ONE_TIME_SIGNATURES: Type.Integer({
    default: 50_000,
    minimum: 10,
    maximum: 10_000_000,
    description:
      'One-time signatures of an integrator that are remembered at a time, each until 6 minutes after its timestamp',
  }),
  CUTOVER_RATE_LIMIT_PER_MINUTE: Type.Integer({
    default: 1000,
    minimum: 0,
    maximum: 1_000_000,
    description:
      'Requests a minute of each access token or integrator, and of each address without either; 0 = no limit',
  }),
  CUTOVER_METRICS_TOKEN: Type.Optional(
    Type.String({ minLength: 16, description: 'Bearer token that /metrics then asks for' }),
  ),
  CUTOVER_AUDIT_STDOUT: Type.Boolean({
    default: false,
    description: 'Also print each audit entry: one JSON line for each, on stdout',
  }),
  CUTOVER_AUDIT_READS: Type.Boolean({
    default: false,
    description: 'Also record reads of the control plane; one that cannot be recorded is refused',
  }),
  CUTOVER_LOG_LEVEL: Type.Enum(['fatal', 'error', 'warn', 'info', 'debug'] as const, {
    default: 'info',
    description: 'What is logged: one JSON line for each entry, on stderr',
  }),
})

export type Settings = Static<typeof SettingsSchema>

/** Variables of the command line and of the tests: known, and none of the server's business. */
const foreignVariables = ['CUTOVER_URL', 'CUTOVER_TOKEN', 'CUTOVER_WORKSPACE', 'CUTOVER_TEST_DATABASE_URL']

/** Elsewhere empty means absent; here it is a secret that did not arrive, and going on without it would be wrong. */
const mayNotBeEmpty = new Set([
  'CUTOVER_MASTER_KEYS',
  'CUTOVER_MASTER_KEYS_FILE',
  'CUTOVER_MARK_FILE',
  'CUTOVER_BOOTSTRAP_TOKEN',
  'CUTOVER_METRICS_TOKEN',
])

/** Reads the settings from `environment`; refuses what is unknown or not valid in one line that names the variable. */
export function readSettings(environment: NodeJS.ProcessEnv): Settings {
  const known = new Set([...Object.keys(SettingsSchema.properties), ...foreignVariables])
  const unknown = Object.keys(environment).filter((name) => name.startsWith('CUTOVER_') && !known.has(name))
  if (unknown.length > 0) {
    throw new StartupRefusal(`Unknown setting ${unknown.join(', ')}: docs/configuration.md lists those there are.`)
  }
  const settings = validate(environment)
  assertTogether(settings)
  return settings
}

/** A copy: the library writes to what it is given. One object: it compiles each anew. */
const validatedSchema = { ...SettingsSchema, $id: 'cutover-settings' }

function validate(environment: NodeJS.ProcessEnv): Settings {
  const given = Object.entries(environment).filter(
    ([name, value]) => name in SettingsSchema.properties && (value !== '' || mayNotBeEmpty.has(name)),
  )
  try {
    return envSchema<Settings>({
      schema: validatedSchema,
      data: Object.fromEntries(given),
      env: false,
    })
  } catch (error) {
    throw new StartupRefusal(`A setting is not valid: ${faultOf(error)}. See docs/configuration.md.`)
  }
}

/** Names the variable and what is wrong, never its value: it may be a key or a token. */
function faultOf(error: unknown): string {
  const [first] = (error as { errors?: { instancePath: string; message?: string }[] }).errors ?? []
  return first ? `${first.instancePath.slice(1)} ${first.message}` : 'the environment cannot be read'
}

/** The proxies whose `X-Forwarded-For` is believed. */
export function trustedProxies({ CUTOVER_TRUST_PROXY }: Settings): readonly string[] {
  return (CUTOVER_TRUST_PROXY ?? '')
    .split(',')
    .map((range) => range.trim())
    .filter((range) => range !== '')
}

function isAddressRange(text: string): boolean {
  const [address = '', prefix, ...rest] = text.split('/')
  const family = isIP(address)
  if (family === 0 || rest.length > 0) return false
  return prefix === undefined || (/^[0-9]{1,3}$/.test(prefix) && Number(prefix) <= (family === 4 ? 32 : 128))
}

const loopback = new Set(['127.0.0.1', '::1', 'localhost'])

function assertTogether(settings: Settings): void {
  const certificate = settings.CUTOVER_TLS_CERT_FILE !== undefined
  if (certificate !== (settings.CUTOVER_TLS_KEY_FILE !== undefined)) {
    throw new StartupRefusal('CUTOVER_TLS_CERT_FILE and CUTOVER_TLS_KEY_FILE go together: set both or neither.')
  }
  const unreadable = trustedProxies(settings).find((range) => !isAddressRange(range))
  if (unreadable !== undefined) {
    throw new StartupRefusal(
      'CUTOVER_TRUST_PROXY takes addresses and CIDR ranges, comma-separated, like 10.0.0.0/8,::1.',
    )
  }
  if (!loopback.has(settings.HOST) && !certificate && settings.CUTOVER_TRUST_PROXY === undefined) {
    throw new StartupRefusal(
      `HOST=${settings.HOST} would carry access tokens in the clear: set CUTOVER_TLS_CERT_FILE and ` +
        'CUTOVER_TLS_KEY_FILE, or CUTOVER_TRUST_PROXY when a proxy in front ends TLS.',
    )
  }
}
