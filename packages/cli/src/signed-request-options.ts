import { buffer } from 'node:stream/consumers'
import { misused } from './failure.ts'
import { readInput } from './secret-sources.ts'
import type { Terminal } from './terminal.ts'

export interface RequestTarget {
  readonly method: string
  readonly path: string
}

/** Of `--request POST /payouts?dry=1`. */
export function parseRequest(parts: readonly string[]): RequestTarget {
  const [method = '', path = ''] = parts
  const hint = 'as in --request POST "/payouts?dry=1"'
  if (parts.length !== 2) throw misused('--request takes a method and a path', { hint })
  if (!path.startsWith('/') && path !== '*')
    throw misused('The path begins with /, and has no scheme and host before it', { hint })
  return { method, path }
}

/**
 * The raw body: of a file, or with `-` of standard input, which is free when the secret comes from a file.
 * @returns no bytes where no body was named
 */
export async function readBody(
  bodyFile: string | undefined,
  terminal: Terminal,
  isStdinFree: boolean,
): Promise<Buffer> {
  if (bodyFile === undefined) return Buffer.alloc(0)
  if (bodyFile !== '-') return readInput(bodyFile)
  if (!isStdinFree) {
    throw misused('Secret and body cannot both come from standard input', {
      hint: 'give one of them as a file: --secret-file',
    })
  }
  return buffer(terminal.stdin)
}

/** What @cutover/signing throws for a method, a path or a key that nobody can sign. */
export function orMisused<T>(sign: () => T): T {
  try {
    return sign()
  } catch (error) {
    if (error instanceof TypeError || error instanceof RangeError) throw misused(error.message)
    throw error
  }
}
