/** Shells that read completions. */
export const COMPLETION_SHELLS = ['bash', 'zsh', 'fish'] as const;
export type CompletionShell = (typeof COMPLETION_SHELLS)[number];

/** A command as completions know it. */
export interface Completed {
  /** Its words: `policy`, `test`. */
  path: string[];
  description: string;
  options: { name: string; description: string; choices: readonly string[]; takesValue: boolean }[];
  /** What may come next: names of the commands below it, and what its arguments may be. */
  words: string[];
}

/** @returns what the shell has to read, so that it completes commands, options and what options take; else file names */
export function completionScript(shell: CompletionShell, commands: readonly Completed[]): string {
  return { bash, zsh, fish }[shell](commands);
}

/** Lines of a `case` over the words of a command. */
function casesOf(commands: readonly Completed[], words: (command: Completed) => string[]): string {
  const tops = commands.filter(({ path }) => path.length === 1).map(({ path }) => path.join(' '));
  const lines = commands.map((command) => `    '${command.path.join(' ')}') words='${words(command).join(' ')}' ;;\n`);
  return [`    '') words='${[...tops, 'help', '--version', '--help'].join(' ')}' ;;\n`, ...lines].join('');
}

function wordsOf({ words, options }: Completed): string[] {
  return [...words, ...options.map(({ name }) => name), '--help'];
}

/** Lines of a `case` over a command and the option before the cursor. */
function valueCases(commands: readonly Completed[]): string {
  return commands
    .flatMap(({ path, options }) =>
      options
        .filter(({ choices }) => choices.length > 0)
        .map(({ name, choices }) => `    '${path.join(' ')} ${name}') words='${choices.join(' ')}'; values=1 ;;\n`),
    )
    .join('');
}

/** The command is told by the words that are none of its options; the rest are file names. */
function pathLoop(commands: readonly Completed[], words: string): string {
  const known = commands.map(({ path }) => `'${path.join(' ')}'`).join('|');
  return `  for word in ${words}; do
    case "\${command:+$command }$word" in
    ${known}) command="\${command:+$command }$word" ;;
    esac
  done
`;
}

function bash(commands: readonly Completed[]): string {
  return `# bash completion of bylaw
_bylaw() {
  local current=\${COMP_WORDS[COMP_CWORD]} before=\${COMP_WORDS[COMP_CWORD-1]} command= words= values= word
${pathLoop(commands, '"${COMP_WORDS[@]:1:COMP_CWORD-1}"')}  case "$command" in
${casesOf(commands, wordsOf)}  esac
  case "$command $before" in
${valueCases(commands)}  esac
  COMPREPLY=()
  if [[ -n $values || -z $command || $current == -* || $words != -* ]]; then
    COMPREPLY=($(compgen -W "$words" -- "$current"))
  fi
}
complete -o default -F _bylaw bylaw
`;
}

function zsh(commands: readonly Completed[]): string {
  return `#compdef bylaw
_bylaw() {
  local current=\${words[CURRENT]} before=\${words[CURRENT-1]} command= values= word
  local -a given=("\${(@)words[2,CURRENT-1]}")
  local words=
${pathLoop(commands, '"${given[@]}"')}  case "$command" in
${casesOf(commands, wordsOf)}  esac
  case "$command $before" in
${valueCases(commands)}  esac
  if [[ -n $values || -z $command || $current == -* || $words != -* ]]; then
    compadd -- \${=words}
  fi
  [[ -n $values || -z $command ]] || _files
}
if [[ $funcstack[1] == _bylaw ]]; then _bylaw "$@"; else compdef _bylaw bylaw; fi
`;
}

function fish(commands: readonly Completed[]): string {
  const lines = commands.flatMap(({ path, description, options, words }) => {
    const [top = '', inner] = path;
    const seen =
      inner === undefined
        ? `__fish_seen_subcommand_from ${top}`
        : `__fish_seen_subcommand_from ${top}; and __fish_seen_subcommand_from ${inner}`;
    const next = words.length === 0 ? [] : [`complete -c bylaw -n '${seen}' -f -a ${quoted(words.join(' '))}`];
    const above = inner === undefined ? '__fish_use_subcommand' : `__fish_seen_subcommand_from ${top}`;
    return [
      `complete -c bylaw -n '${above}' -f -a ${path.at(-1)} -d ${quoted(description)}`,
      ...next,
      ...options.map(({ name, description: what, choices, takesValue }) => {
        const value = choices.length > 0 ? ` -xa ${quoted(choices.join(' '))}` : takesValue ? ' -r' : '';
        return `complete -c bylaw -n '${seen}' -l ${name.slice(2)}${value} -d ${quoted(what)}`;
      }),
    ];
  });
  return `# fish completion of bylaw\n${lines.join('\n')}\n`;
}

function quoted(text: string): string {
  return `'${text.replaceAll('\\', '\\\\').replaceAll("'", "\\'").replaceAll('\n', ' ')}'`;
}
