import { type CompletedCommand, pathsOf } from './completed-commands.ts'

export function fishCompletion(commands: readonly CompletedCommand[]): string {
  return `# fish completion of cutover: cutover completion fish | source
function __cutover_at
  set -l at ''
  for word in (commandline -opc)[2..-1]
    switch "$at $word"
      case ${pathsOf(commands).map(quote).join(' ')}
        set at "$at $word"
    end
  end
  test "$at" = "$argv[1]"
end
complete -c cutover -f
${commands.flatMap(completions).join('\n')}
`
}

function completions({ path, subcommands, options, choices, takesFile }: CompletedCommand): readonly string[] {
  const at = `complete -c cutover -n ${quote(`__cutover_at ${quote(path)}`)}`
  return [
    ...subcommands.map(({ name, description }) => `${at} -a ${name} -d ${quote(description)}`),
    ...(takesFile ? [`${at} -F`] : []),
    ...choices.map((choice) => `${at} -a ${choice}`),
    ...options.map(
      ({ name, description, choices }) => `${at} -l ${name.slice(2)}${value(choices)} -d ${quote(description)}`,
    ),
  ]
}

function value(choices: readonly string[] | null): string {
  if (choices === null) return ''
  return choices.length === 0 ? ' -r -F' : ` -x -a ${quote(choices.join(' '))}`
}

const quote = (text: string) => `'${text.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`
