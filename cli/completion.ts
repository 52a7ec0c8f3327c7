import type { Command } from "commander";

export const SHELLS = ["bash", "zsh", "powershell"] as const;
export type Shell = (typeof SHELLS)[number];

/** What may follow a command: its commands and its options. `""` is the program itself. */
type Words = ReadonlyMap<string, readonly string[]>;

/** A script for a shell that completes commands and options; where none fits, the shell offers files. */
export const completionScript = (program: Command, shell: Shell): string => SCRIPTS[shell](wordsOf(program));

const wordsOf = (program: Command): Words => {
  const words = new Map<string, readonly string[]>();
  const walk = (command: Command, path: string): void => {
    const options = command.createHelp().visibleOptions(command);
    words.set(path, [
      ...command.commands.map((it) => it.name()),
      ...options.flatMap((it) => (it.long ? [it.long] : [])),
    ]);
    for (const it of command.commands) walk(it, `${path} ${it.name()}`.trim());
  };
  walk(program, "");
  return words;
};

/** The path of commands is what was typed without options, as long as it is one that exists. */
const bash = (words: Words): string => `_activation_monitor() {
  local path="" word known
  COMPREPLY=()
  for word in "\${COMP_WORDS[@]:1:COMP_CWORD-1}"; do
    known="\${path:+$path }$word"
    case "$known" in
      ${[...words.keys()]
        .filter((it) => it !== "")
        .map((it) => `"${it}"`)
        .join("|")}) path="$known" ;;
    esac
  done
  case "$path" in
${[...words].map(([path, all]) => `    "${path}") known="${all.join(" ")}" ;;`).join("\n")}
  esac
  COMPREPLY=($(compgen -W "$known" -- "\${COMP_WORDS[COMP_CWORD]}"))
}
complete -o default -F _activation_monitor activation-monitor
`;

const SCRIPTS: Readonly<Record<Shell, (words: Words) => string>> = {
  bash,
  zsh: (words) => `autoload -U +X compinit bashcompinit && compinit && bashcompinit\n${bash(words)}`,
  powershell: (words) => `Register-ArgumentCompleter -Native -CommandName activation-monitor -ScriptBlock {
  param($wordToComplete, $commandAst, $cursorPosition)
  $words = @{
${[...words].map(([path, all]) => `    '${path}' = @(${all.map((it) => `'${it}'`).join(", ")})`).join("\n")}
  }
  $path = ''
  foreach ($element in $commandAst.CommandElements | Select-Object -Skip 1) {
    $known = "$path $element".Trim()
    if ($words.ContainsKey($known)) { $path = $known }
  }
  $words[$path] | Where-Object { $_ -like "$wordToComplete*" } |
    ForEach-Object { [System.Management.Automation.CompletionResult]::new($_, $_, 'ParameterValue', $_) }
}
`,
};
