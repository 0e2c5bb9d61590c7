import { Command } from 'commander'
import { loginCommand } from './commands/login.ts'
import type { Terminal } from './terminal.ts'

/** Every command. Each file of `commands/` makes one, with its subcommands. */
const commands: readonly ((terminal: Terminal) => Command)[] = [loginCommand]

export function buildProgram(terminal: Terminal): Command {
  const program = new Command('cutover')
    .description('Issue, rotate, watch and delete the secrets that other people sign with.')
    .version('0.1.0', '-V, --version')
    .showHelpAfterError('(cutover --help shows what there is)')
    .addHelpText(
      'after',
      '\nExit codes: 0 done, 1 failed, 2 usage, 3 refused by a guard, 4 not reachable.\n' +
        'Where: --url, else CUTOVER_URL, else what `cutover login` saved, else http://127.0.0.1:8080.',
    )
  for (const command of commands) program.addCommand(command(terminal))
  return inherit(program, terminal)
}

/** Settings that commander does not hand down to commands that were made on their own. */
function inherit(command: Command, terminal: Terminal): Command {
  command.exitOverride().configureOutput({
    writeOut: (text) => terminal.stdout.write(text),
    writeErr: (text) => terminal.stderr.write(text),
    getOutHelpWidth: () => terminal.stdout.columns ?? 80,
    getErrHelpWidth: () => terminal.stderr.columns ?? 80,
  })
  for (const subcommand of command.commands) inherit(subcommand, terminal)
  return command
}
