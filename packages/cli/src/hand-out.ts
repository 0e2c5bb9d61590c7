import { ReservedFile } from './reserved-file.ts'
import type { Terminal } from './terminal.ts'
import { report, tell } from './ui/report.ts'

export interface HandOutOptions {
  readonly out?: string
  readonly json?: boolean
}

export interface HandedOut<Made> {
  readonly make: () => Promise<Made>
  /** The member of what is made that holds the secret. */
  readonly secretIn: keyof Made & string
  /** One line that says what was made, without the secret. */
  readonly describe: (made: Made) => string
}

/**
 * Makes something with a secret in it that is shown this once: in a file with --out, else on standard output, alone or
 * in the JSON.
 */
export async function handOut<Made extends object>(
  terminal: Terminal,
  options: HandOutOptions,
  { make, secretIn, describe }: HandedOut<Made>,
): Promise<void> {
  const file = options.out === undefined ? null : await ReservedFile.reserve(options.out)
  const made = await make().catch(async (error) => {
    await file?.giveUp()
    throw error
  })
  const secret = String(made[secretIn])
  // Without a line break: programs that read the file as it is would sign with it.
  await file?.fill(secret)
  if (options.json) {
    report(terminal, options, file === null ? made : { ...without(made, secretIn), out: file.path }, String)
    return
  }
  tell(terminal, describe(made))
  tell(
    terminal,
    file === null ? 'This is shown once, and never again:' : `It is in ${file.path} (0600), and nowhere else.`,
  )
  if (file === null) report(terminal, options, made, () => secret)
}

function without<Made extends object, Key extends keyof Made>(made: Made, key: Key): Omit<Made, Key> {
  const { [key]: _, ...rest } = made
  return rest
}
