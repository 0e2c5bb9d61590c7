import { type Completed, type CompletedCommand, pathsOf } from './completed-commands.ts'

/** Both to be sourced and to lie in `fpath` as `_cutover`. */
export function zshCompletion(commands: readonly CompletedCommand[]): string {
  return `#compdef cutover
# zsh completion of cutover: source <(cutover completion zsh), after compinit
_cutover() {
  local at='' files='' i
  local -a found options
  for ((i = 2; i < CURRENT; i++)); do
    case "$at \${words[i]}" in
      (${pathsOf(commands).map(quote).join('|\\\n      ')}) at="$at \${words[i]}" ;;
    esac
  done
  case "$at \${words[CURRENT-1]}" in
${commands.flatMap(valueCases).join('\n')}
  esac
  case $at in
${commands.map(commandCase).join('\n')}
  esac
  if [[ $PREFIX == -* ]]; then
    _describe -o option options
  elif [[ -n $files ]]; then
    _files
  else
    _describe command found
  fi
}
if [[ \${funcstack[1]} == _cutover ]]; then _cutover "$@"; else compdef _cutover cutover; fi
`
}

function valueCases({ path, options }: CompletedCommand): readonly string[] {
  return options.flatMap(({ name, choices }) => {
    if (choices === null) return []
    const complete = choices.length === 0 ? '_files' : `compadd -- ${choices.join(' ')}`
    return [`    (${quote(`${path} ${name}`)}) ${complete}; return ;;`]
  })
}

function commandCase({ path, subcommands, options, choices, takesFile }: CompletedCommand): string {
  const found = [...subcommands.map(described), ...choices.map(quote)].join(' ')
  const files = takesFile ? ' files=1' : ''
  return `    (${quote(path)}) found=(${found}) options=(${options.map(described).join(' ')})${files} ;;`
}

const described = ({ name, description }: Completed) => quote(`${name}:${description}`)
const quote = (text: string) => `'${text.replaceAll("'", `'\\''`)}'`
