import type { Place } from './words.ts';

/** Words of the longest place that the typed words begin with; values of the option just before the cursor. */
export function bashScript(places: readonly Place[]): string {
  return `# Completion of tranship for bash: source <(tranship completion bash)
_tranship() {
  local word="\${COMP_WORDS[COMP_CWORD]}" before="\${COMP_WORDS[COMP_CWORD-1]}" place="" typed="" i
  for ((i = 1; i < COMP_CWORD; i++)); do
    [[ "\${COMP_WORDS[i]}" == -* ]] && continue
    typed="\${typed:+$typed }\${COMP_WORDS[i]}"
    case "$typed" in
${places
  .filter(({ after }) => after !== '')
  .map(({ after }) => `      '${after}') place="$typed" ;;`)
  .join('\n')}
    esac
  done
  case "$place/$before" in
${places.flatMap(valueCases).join('\n')}
  esac
  case "$place" in
${places.map(({ after, words }) => `    '${after}') COMPREPLY=($(compgen -W '${words.map(({ word }) => word).join(' ')}' -- "$word")) ;;`).join('\n')}
  esac
}
complete -o default -F _tranship tranship
`;
}

/** An option that takes a value which we do not know is left to the shell: files. */
function valueCases({ after, values }: Place): readonly string[] {
  return values.map(({ flags, choices }) => {
    const patterns = flags.map((flag) => `'${after}/${flag}'`).join('|');
    return `    ${patterns}) COMPREPLY=($(compgen -W '${choices.join(' ')}' -- "$word")); return ;;`;
  });
}
