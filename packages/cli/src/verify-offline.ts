import {
  type Keyset,
  type RefusalReason,
  type RequestRefusalReason,
  verifyJwt,
  verifyRequest,
  verifyUserHash,
} from '@cutover/signing'
import { misused } from './failure.ts'
import { parseIdentifier } from './identifier.ts'
import { readInput } from './secret-sources.ts'
import { parseRequest, readBody } from './signed-request-options.ts'
import type { Terminal } from './terminal.ts'

export interface WhatToVerify {
  readonly userId?: string
  readonly email?: string
  readonly userHash?: string
  readonly jwt?: string
  readonly request?: readonly string[]
  readonly header?: readonly string[]
  readonly bodyFile?: string
  /** Unix milliseconds; now unless given. */
  readonly at?: number
  readonly secretFile?: readonly string[]
}

/** Where a secret was read from, and how Cutover names it. */
export interface NamedSecret {
  readonly source: string
  readonly fingerprint: string
}

export type Verification =
  | { readonly verified: true; readonly secretId: NamedSecret; readonly userId?: string }
  | { readonly verified: false; readonly reason: RefusalReason | RequestRefusalReason }

/** All that is needed but the secrets: what is missing is told before anybody is asked for one. */
export interface Preparation {
  readonly method: 'user_hash' | 'jwt' | 'request'
  verify(keyset: Keyset<NamedSecret>): Verification
}

export async function prepareVerification(options: WhatToVerify, terminal: Terminal): Promise<Preparation> {
  const { userHash, jwt, request } = options
  if ([userHash, jwt, request].filter((each) => each !== undefined).length !== 1) {
    throw misused('Say what to verify, one of --user-hash, --jwt, --request', {
      hint: 'cutover verify --user-id user_1 --user-hash HASH --from-stdin < secret.txt',
    })
  }
  assertCompanions(options)
  if (userHash !== undefined) return ofUserHash(userHash, options)
  if (jwt !== undefined) return ofJwt(jwt, options)
  return ofRequest(request ?? [], options, terminal)
}

function assertCompanions(options: WhatToVerify): void {
  const { userId, email, at, header, bodyFile, userHash, request } = options
  const ofRequests = header !== undefined || bodyFile !== undefined
  if (ofRequests && request === undefined) throw misused('--header and --body-file are for --request')
  if (at !== undefined && userHash !== undefined)
    throw misused('--at is for --jwt and --request: a user hash has no time')
  if (email !== undefined && userHash === undefined) throw misused('--email is for --user-hash')
  if (userId !== undefined && request !== undefined) throw misused('--user-id is for --user-hash and --jwt')
}

function ofUserHash(userHash: string, { userId, email }: WhatToVerify): Preparation {
  if ((userId === undefined) === (email === undefined)) {
    throw misused('--user-hash needs what was signed, one of --user-id, --email')
  }
  const identifier = parseIdentifier(userId ?? email ?? '')
  return { method: 'user_hash', verify: (keyset) => verifyUserHash(keyset, identifier, userHash) }
}

function ofJwt(jwt: string, { userId, at = Date.now() }: WhatToVerify): Preparation {
  const options = { nowSeconds: at / 1000, userId: userId === undefined ? undefined : parseIdentifier(userId) }
  return { method: 'jwt', verify: (keyset) => verifyJwt(keyset, jwt, options) }
}

async function ofRequest(parts: readonly string[], options: WhatToVerify, terminal: Terminal): Promise<Preparation> {
  const { header = [], bodyFile, at: nowMs, secretFile } = options
  const target = parseRequest(parts)
  const headers = (await Promise.all(header.map(readHeaders))).flat(2)
  const body = await readBody(bodyFile, terminal, secretFile !== undefined)
  return { method: 'request', verify: (keyset) => verifyRequest(keyset, { ...target, headers, body }, { nowMs }) }
}

/** As curl takes them: one header, or @file with one on each line. @returns pairs of name and value */
async function readHeaders(argument: string): Promise<[name: string, value: string][]> {
  if (!argument.startsWith('@')) return [parseHeader(argument)]
  const lines = (await readInput(argument.slice(1))).toString().split(/\r?\n/)
  return lines.filter((line) => line !== '').map(parseHeader)
}

function parseHeader(line: string): [name: string, value: string] {
  const [, name, value] = /^([^:\s]+):[ \t]*(.*?)[ \t]*$/.exec(line) ?? []
  if (name === undefined || value === undefined) {
    throw misused('A header is missing its name or its value', { hint: 'as in --header "X-Timestamp: 1795262400000"' })
  }
  return [name, value]
}
