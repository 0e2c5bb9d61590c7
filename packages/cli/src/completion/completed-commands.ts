import type { Command, Option } from 'commander'

export interface Completed {
  readonly name: string
  readonly description: string
}

export interface CompletedOption extends Completed {
  /** `null`: it takes no value; empty: any value. */
  readonly choices: readonly string[] | null
}

/** What can come after a part of a command line. */
export interface CompletedCommand {
  /** The words so far, each with a space before it: ` secrets list`; empty for the program alone. */
  readonly path: string
  readonly subcommands: readonly Completed[]
  readonly options: readonly CompletedOption[]
  /** Of its arguments. */
  readonly choices: readonly string[]
  /** Whether an argument of it is the name of a file. */
  readonly takesFile: boolean
}

/** A command and all below it, under their aliases as well. */
export function completedCommands(command: Command, path = ''): readonly CompletedCommand[] {
  const shown = command.commands.filter((each) => command.createHelp().visibleCommands(command).includes(each))
  return [
    {
      path,
      subcommands: shown.map((each) => ({ name: each.name(), description: each.description() })),
      options: command.createHelp().visibleOptions(command).flatMap(completedOption),
      choices: command.registeredArguments.flatMap(({ argChoices }) => argChoices ?? []),
      takesFile: command.registeredArguments.some((each) => /^(file|path)$/.test(each.name())),
    },
    ...shown.flatMap((each) => {
      return [each.name(), ...each.aliases()].flatMap((name) => completedCommands(each, `${path} ${name}`))
    }),
  ]
}

/** The first word of each command line that is one. */
export function pathsOf(commands: readonly CompletedCommand[]): readonly string[] {
  return commands.map(({ path }) => path).filter((path) => path !== '')
}

function completedOption({ long, description, required, optional, argChoices }: Option): readonly CompletedOption[] {
  if (!long) return []
  return [{ name: long, description, choices: required || optional ? (argChoices ?? []) : null }]
}
