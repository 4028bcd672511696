import type { Place, Word } from './words.ts';

export function zshScript(places: readonly Place[]): string {
  return `#compdef tranship
# Completion of tranship for zsh: source <(tranship completion zsh)
_tranship() {
  local place="" typed="" i before="\${words[CURRENT-1]}"
  local -a found
  for ((i = 2; i < CURRENT; i++)); do
    [[ "\${words[i]}" == -* ]] && continue
    typed="\${typed:+$typed }\${words[i]}"
    case "$typed" in
${places
  .filter(({ after }) => after !== '')
  .map(({ after }) => `      (${quoted(after)}) place="$typed" ;;`)
  .join('\n')}
    esac
  done
  case "$place/$before" in
${places.flatMap(valueCases).join('\n')}
  esac
  case "$place" in
${places.map(({ after, words }) => `    (${quoted(after)}) found=(${words.map(described).join(' ')}) ;;`).join('\n')}
  esac
  if [[ "$PREFIX" != -* ]]; then
    found=(\${found:#--*})
    (( \${#found} )) || { _files; return }
  fi
  _describe 'tranship' found
}
compdef _tranship tranship
`;
}

function valueCases({ after, values }: Place): readonly string[] {
  return values.map(({ flags, choices }) => {
    const patterns = flags.map((flag) => quoted(`${after}/${flag}`)).join('|');
    const action = choices.length === 0 ? '_files' : `compadd -- ${choices.join(' ')}`;
    return `    (${patterns}) ${action}; return ;;`;
  });
}

/** `_describe` splits at the first colon, so one inside a word is escaped. */
function described({ word, about }: Word): string {
  return quoted(`${word.replaceAll(':', '\\:')}:${about}`);
}

function quoted(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}
