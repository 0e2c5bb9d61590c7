import { createReadStream } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { createInterface } from 'node:readline'
import type { Readable } from 'node:stream'
import {
  type AuditCheckpoint,
  type AuditLogFault,
  type AuditLogVerification,
  type AuditPublicKey,
  verifyAuditLog,
} from '@cutover/signing'
import { Command } from 'commander'
import { type ConnectionOptions, connect, withConnection } from '../../connection.ts'
import { failed, misused } from '../../failure.ts'
import { reasonOf } from '../../private-file.ts'
import { scoped } from '../../scoped.ts'
import type { Terminal } from '../../terminal.ts'
import { report } from '../../ui/report.ts'

interface VerifyOptions extends ConnectionOptions {
  readonly checkpoints?: string
  readonly chain?: string
  readonly key?: string
}

const faults = {
  edited: 'it is not what was written, or does not follow from the entry before it',
  removed: 'it is missing, and later ones are there',
  reordered: 'it stands in another place than it was written in',
  cut_off: 'the log ends before it, and a checkpoint shows that there was more',
  rewritten: 'it is not the one that the checkpoint was made of: something before it was altered, and hashed anew',
  checkpoint_signature: 'the checkpoint of this size was not signed with the key',
} as const satisfies Record<AuditLogFault, string>

export function verifyCommand(terminal: Terminal): Command {
  return withConnection(new Command('verify'))
    .argument('<file>', 'an export; - is standard input')
    .description('check an export, and name the first entry that does not fit; without checkpoints nobody is asked')
    .option(
      '--checkpoints <file>',
      'checkpoints that were kept elsewhere, one on each line, or lines of the log with one',
    )
    .option('--chain <chain>', 'where they are of several chains: the one of the export')
    .option('--key <file>', 'the public key, a JWK; otherwise the server is asked for it')
    .action(scoped('read_audit_log', (path: string, options: VerifyOptions) => verify(path, options, terminal)))
}

async function verify(path: string, options: VerifyOptions, terminal: Terminal): Promise<void> {
  const checkpoints = options.checkpoints === undefined ? [] : await readCheckpoints(options.checkpoints, options)
  const publicKey = checkpoints.length === 0 ? null : await readKey(options, terminal)
  const result = await verifyFile(path, terminal, { checkpoints, ...(publicKey ? { publicKey } : {}) })
  if (options.json) report(terminal, options, result, String)
  if (!result.verified) {
    throw failed(`Entry ${result.sequence} does not fit (${result.reason}): ${faults[result.reason]}`, {
      code: result.reason,
      hint: `checkpoints vouch for the entries up to ${result.checkpointedSize}`,
    })
  }
  if (!options.json) report(terminal, options, result, () => verified(result))
}

function verified({ size, checkpointedSize }: Extract<AuditLogVerification, { verified: true }>): string {
  const vouched = checkpointedSize === 0 ? 'No checkpoint vouches for them.' : vouchedFor(checkpointedSize, size)
  return `All ${size} entries fit. ${vouched}`
}

function vouchedFor(checkpointedSize: number, size: number): string {
  return checkpointedSize === size
    ? 'Checkpoints vouch for them.'
    : `Checkpoints vouch for the first ${checkpointedSize}.`
}

async function verifyFile(
  path: string,
  { stdin }: Terminal,
  options: { readonly checkpoints: readonly AuditCheckpoint[]; readonly publicKey?: AuditPublicKey },
): Promise<AuditLogVerification> {
  const input: Readable = path === '-' ? stdin : createReadStream(path)
  try {
    return await verifyAuditLog(createInterface({ input, crlfDelay: Number.POSITIVE_INFINITY }), options)
  } catch (error) {
    if (error instanceof TypeError)
      throw misused(`The checkpoints cannot be used: ${error.message}`, { hint: '--chain says which ones' })
    throw misused(`${path} cannot be read: ${reasonOf(error)}`)
  }
}

async function readCheckpoints(path: string, { chain }: VerifyOptions): Promise<readonly AuditCheckpoint[]> {
  const lines = (await read(path)).split('\n').filter((line) => line.trim() !== '')
  const checkpoints = lines.map((line, index) => parseCheckpoint(line, `${path}, line ${index + 1},`))
  const wanted = checkpoints.filter((each) => chain === undefined || each.chain === chain)
  if (wanted.length === 0) throw misused(`${path} holds no checkpoint${chain === undefined ? '' : ` of ${chain}`}`)
  return wanted
}

/** As the API answers it, or in the line of the server's log that holds it. */
function parseCheckpoint(line: string, where: string): AuditCheckpoint {
  const value = parse(line, where)
  const checkpoint = value['checkpoint'] ?? value
  return checkpoint as AuditCheckpoint // sound: verifyAuditLog looks at each member before it uses one
}

async function readKey(options: VerifyOptions, terminal: Terminal): Promise<AuditPublicKey> {
  if (options.key === undefined) return (await connect(options, terminal)).client.auditLog.key()
  const { kty, crv, x } = parse(await read(options.key), options.key)
  if (kty === 'OKP' && crv === 'Ed25519' && typeof x === 'string') return { kty, crv, x }
  throw misused(`${options.key} is no Ed25519 public key as a JWK`)
}

async function read(path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8')
  } catch (error) {
    throw misused(`${path} cannot be read: ${reasonOf(error)}`)
  }
}

function parse(text: string, where: string): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(text)
    if (typeof value === 'object' && value !== null) return value as Record<string, unknown> // sound: it is an object
  } catch {}
  throw misused(`${where} is no JSON object`)
}
