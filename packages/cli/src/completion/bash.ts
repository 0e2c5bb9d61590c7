import { type CompletedCommand, pathsOf } from './completed-commands.ts'

/** For bash 3.2 and later, without the package bash-completion. */
export function bashCompletion(commands: readonly CompletedCommand[]): string {
  return `# bash completion of cutover: source <(cutover completion bash)
_cutover() {
  local at='' words='' options='' files='' i
  local current=\${COMP_WORDS[COMP_CWORD]} previous=\${COMP_WORDS[COMP_CWORD-1]}
  if [[ $current == '=' ]]; then current=''; fi
  if [[ $previous == '=' ]]; then previous=\${COMP_WORDS[COMP_CWORD-2]}; fi
  for ((i = 1; i < COMP_CWORD; i++)); do
    case "$at \${COMP_WORDS[i]}" in
      ${pathsOf(commands).map(quote).join('|\\\n      ')}) at="$at \${COMP_WORDS[i]}" ;;
    esac
  done
  case $at in
${commands.map(commandCase).join('\n')}
  esac
  case "$at $previous" in
${commands.flatMap(valueCases).join('\n')}
  esac
  if [[ -n $files && $current != -* ]]; then
    local IFS=$'\\n'
    COMPREPLY=($(compgen -f -- "$current"))
  elif [[ $current == -* ]]; then
    COMPREPLY=($(compgen -W "$options" -- "$current"))
  else
    COMPREPLY=($(compgen -W "$words" -- "$current"))
  fi
}
complete -F _cutover cutover
`
}

function valueCases({ path, options }: CompletedCommand): readonly string[] {
  return options.flatMap(({ name, choices }) => {
    if (choices === null) return []
    const values = choices.length === 0 ? "words='' files=1" : `words=${quote(choices.join(' '))} files=''`
    return [`    ${quote(`${path} ${name}`)}) ${values} ;;`]
  })
}

function commandCase({ path, subcommands, options, choices, takesFile }: CompletedCommand): string {
  const words = [...subcommands.map(({ name }) => name), ...choices].join(' ')
  const flags = options.map(({ name }) => name).join(' ')
  return `    ${quote(path)}) words=${quote(words)} options=${quote(flags)}${takesFile ? ' files=1' : ''} ;;`
}

const quote = (text: string) => `'${text.replaceAll("'", `'\\''`)}'`
