import { readFile } from 'node:fs/promises'
import { type Command, Option } from 'commander'
import { misused } from './failure.ts'
import { reasonOf } from './private-file.ts'
import { readSecret } from './secret-input.ts'
import type { Terminal } from './terminal.ts'

export interface SecretOptions {
  readonly fromStdin?: boolean
  readonly secretFile?: string
}

/** A secret never is an argument: argv is there for everybody to see. */
export function withSecret(command: Command): Command {
  return command
    .option('--from-stdin', 'read the secret from standard input; on a terminal it is asked for')
    .addOption(new Option('--secret-file <file>', 'read the secret from this file').conflicts('fromStdin'))
}

export function readSigningSecret({ secretFile }: SecretOptions, terminal: Terminal): Promise<string> {
  return secretFile === undefined ? readSecret(terminal, 'The secret') : readSecretFile(secretFile)
}

/** As from standard input: one trailing newline is stripped. */
export async function readSecretFile(path: string): Promise<string> {
  const secret = decode(path, await readInput(path)).replace(/\r?\n$/, '')
  if (secret === '') throw misused(`${path} holds no secret: it is empty`)
  return secret
}

export async function readInput(path: string): Promise<Buffer> {
  try {
    return await readFile(path)
  } catch (error) {
    throw misused(`${path} cannot be read: ${reasonOf(error)}`)
  }
}

function decode(path: string, bytes: Buffer): string {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes)
  } catch {
    throw misused(`${path} holds no secret: it is not UTF-8`)
  }
}
