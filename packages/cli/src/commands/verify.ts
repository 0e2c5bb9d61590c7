import { createKeyset, secretFingerprint } from '@cutover/signing'
import { Command, Option } from 'commander'
import { failed, misused } from '../failure.ts'
import { readSecret } from '../secret-input.ts'
import { readSecretFile } from '../secret-sources.ts'
import { orMisused } from '../signed-request-options.ts'
import type { Terminal } from '../terminal.ts'
import { report } from '../ui/report.ts'
import { onOneLine } from '../ui/table.ts'
import { wordsOf } from '../verification-words.ts'
import { type Preparation, prepareVerification, type Verification, type WhatToVerify } from '../verify-offline.ts'

interface VerifyOptions extends WhatToVerify {
  readonly json?: boolean
}

/** `cutover verify`: whether one of these secrets made a user hash, a JWT or a request signature. Asks nobody. */
export function verifyCommand(terminal: Terminal): Command {
  return new Command('verify')
    .description('verify a user hash, a JWT or a signed request, offline')
    .option('--user-id <id>', 'the user id that was signed; with --jwt: whom it must vouch for')
    .option('--email <email>', 'the email that was signed')
    .option('--user-hash <hash>', 'with --user-id or --email: 64 hex digits')
    .option('--jwt <jwt>', 'a compact JWS')
    .option('--request <method-and-path...>', 'a signed request, as in --request POST "/payouts?dry=1"')
    .addOption(new Option('-H, --header <header>', 'with --request: "Name: value", or @file').argParser(collect))
    .option('--body-file <file>', 'with --request: its raw body; - is standard input')
    .addOption(new Option('--at <time>', 'verify as of this time (ISO 8601), not of now').argParser(parseTimeMs))
    .option('--from-stdin', 'read the secret from standard input; on a terminal it is asked for')
    .addOption(
      new Option('--secret-file <file>', 'read a secret from this file; several may be given')
        .argParser(collect)
        .conflicts('fromStdin'),
    )
    .option('--json', 'print JSON')
    .action(async (options: VerifyOptions) => {
      const { method, verify } = await prepareVerification(options, terminal)
      const keyset = createKeyset(await readSecrets(options, terminal))
      reportVerification(
        terminal,
        options,
        method,
        orMisused(() => verify(keyset)),
      )
    })
}

async function readSecrets({ secretFile }: VerifyOptions, terminal: Terminal) {
  const sources = secretFile ?? ['standard input']
  const secrets = secretFile
    ? await Promise.all(secretFile.map(readSecretFile))
    : [await readSecret(terminal, 'The secret')]
  return secrets.map((secret, index) => ({
    id: { source: sources[index] ?? '', fingerprint: secretFingerprint(secret) },
    secret,
  }))
}

function reportVerification(
  terminal: Terminal,
  options: VerifyOptions,
  method: Preparation['method'],
  answer: Verification,
): void {
  const reason = answer.verified ? null : answer.reason
  const secret = answer.verified ? answer.secretId : null
  const userId = answer.verified ? (answer.userId ?? options.userId ?? null) : null
  if (options.json || answer.verified) {
    report(terminal, options, { verified: answer.verified, method, reason, userId, secret }, () => {
      const who = userId === null ? '' : ` for ${onOneLine(userId)}`
      return `Verified${who}, with the secret ${secret?.fingerprint} of ${onOneLine(secret?.source ?? '')}.`
    })
  }
  if (!answer.verified) {
    throw failed(`Not verified, ${answer.reason}: ${wordsOf(answer.reason)}`, {
      code: answer.reason,
      hint: method === 'request' ? undefined : 'cutover diagnose asks Cutover what went wrong',
    })
  }
}

function collect(value: string, previous: readonly string[] = []): readonly string[] {
  return [...previous, value]
}

function parseTimeMs(text: string): number {
  const timeMs = /^\d{4}-/.test(text) ? Date.parse(text) : Number.NaN
  if (Number.isNaN(timeMs)) throw misused('--at takes a time like 2026-11-21T12:00:00Z')
  return timeMs
}
