import { confirm, isCancel, text } from '@clack/prompts'
import { refused } from './failure.ts'
import { isInteractive, type Terminal } from './terminal.ts'
import { onOneLine } from './ui/table.ts'

export interface Confirmation {
  /** Answered already, on the command line. */
  readonly yes?: boolean | undefined
  readonly question: string
}

/** Asks whoever sits there; where nobody does, the command line has to have said --yes. */
export async function assertConfirmed(terminal: Terminal, { yes, question }: Confirmation): Promise<void> {
  if (yes) return
  const { input, output } = streamsToAsk(terminal, question)
  const answer = await confirm({ message: onOneLine(question), initialValue: false, input, output })
  if (isCancel(answer) || !answer) throw nothingDone()
}

/** The same for what a `y` out of habit must not do: the name has to be typed. */
export async function assertConfirmedByName(
  terminal: Terminal,
  { yes, question, name }: Confirmation & { readonly name: string },
): Promise<void> {
  if (yes) return
  const { input, output } = streamsToAsk(terminal, question)
  const message = onOneLine(`${question} Type its name, ${name}, to go on:`)
  const answer = await text({ message, input, output })
  if (isCancel(answer) || answer?.trim() !== name) throw nothingDone()
}

function streamsToAsk(terminal: Terminal, question: string) {
  if (isInteractive(terminal)) return { input: terminal.stdin, output: terminal.stderr }
  throw refused(`Nobody is there to be asked: ${question}`, { hint: 'nothing was done; --yes goes on without asking' })
}

const nothingDone = () => refused('Nothing was done')
