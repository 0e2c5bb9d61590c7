import { Argument, Command } from 'commander'
import { bashCompletion } from '../completion/bash.ts'
import { completedCommands } from '../completion/completed-commands.ts'
import { fishCompletion } from '../completion/fish.ts'
import { zshCompletion } from '../completion/zsh.ts'
import { misused } from '../failure.ts'
import type { Terminal } from '../terminal.ts'

const scripts = { bash: bashCompletion, zsh: zshCompletion, fish: fishCompletion } as const

/** `cutover completion`: a script that knows every command by heart, so that a Tab asks nobody and costs nothing. */
export function completionCommand(terminal: Terminal): Command {
  return new Command('completion')
    .description('print a script that completes cutover in your shell: source <(cutover completion bash)')
    .addArgument(new Argument('<shell>').choices(Object.keys(scripts)))
    .action((shell: keyof typeof scripts, _options: object, command: Command) => {
      if (command.parent === null) throw misused('This is a command of cutover')
      terminal.stdout.write(scripts[shell](completedCommands(command.parent)))
    })
}
