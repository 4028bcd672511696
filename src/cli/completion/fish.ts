import type { Place } from './words.ts';

export function fishScript(places: readonly Place[]): string {
  return `# Completion of tranship for fish: tranship completion fish | source
function __tranship_place
  set -l place ''
  set -l typed ''
  for word in (commandline -opc)[2..-1]
    string match -q -- '-*' $word; and continue
    set typed (string trim -- "$typed $word")
    contains -- "$typed" ${places
      .filter(({ after }) => after !== '')
      .map(({ after }) => quoted(after))
      .join(' ')}; and set place $typed
  end
  test "$place" = "$argv[1]"
end
${places.flatMap(placeLines).join('\n')}
`;
}

function placeLines(place: Place): readonly string[] {
  const condition = `complete -c tranship -n "__tranship_place '${place.after}'"`;
  const commands = place.words.filter(({ word }) => !word.startsWith('-'));
  const options = place.words.filter(({ word }) => word.startsWith('--'));
  const closed = place.after === '' || commands.length > 0 ? ' -f' : '';
  return [
    ...commands.map(({ word, about }) => `${condition}${closed} -a ${quoted(word)} -d ${quoted(about)}`),
    ...options.map(({ word, about }) => {
      const value = place.values.find(({ flags }) => flags.includes(word));
      const takes =
        value === undefined ? '' : value.choices.length === 0 ? ' -r' : ` -x -a ${quoted(value.choices.join(' '))}`;
      return `${condition} -l ${word.slice(2)}${takes} -d ${quoted(about)}`;
    }),
  ];
}

function quoted(text: string): string {
  return `'${text.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`;
}
