import { globalOptions } from '../common-options.ts';
import { exitCodes } from '../exit-codes.ts';
import type { CommandSpec, OptionSpec } from '../spec.ts';

/** One thing that can stand in a place of the command line. */
export interface Word {
  readonly word: string;
  readonly about: string;
}

/** What can follow some words: `''` for the first word, `copy` for what follows `copy`. */
export interface Place {
  readonly after: string;
  readonly words: readonly Word[];
  /** Options of which a value follows, with the values where they are known. */
  readonly values: readonly { readonly flags: readonly string[]; readonly choices: readonly string[] }[];
}

/** The command table as places and words, the same for every shell. */
export function completionPlaces(table: readonly CommandSpec[]): readonly Place[] {
  const groups = new Set(table.flatMap(({ name }) => parentsOf(name)));
  return [
    { after: '', words: [...nextWords('', table), helpWord], values: [] },
    ...Array.from(groups, (group) => ({ after: group, words: [...nextWords(group, table), helpWord], values: [] })),
    ...table.map((spec) => placeOf(spec, table)),
  ];
}

const helpWord: Word = { word: '--help', about: 'show help' };

function placeOf(spec: CommandSpec, table: readonly CommandSpec[]): Place {
  const options = [...spec.options, ...globalOptions];
  return {
    after: spec.name,
    words: [
      ...argumentWords(spec, table),
      ...options.flatMap((option) => longNames(option).map((word) => ({ word, about: option.about }))),
      helpWord,
    ],
    values: options
      .filter((option) => /[<[]/.test(option.flags))
      .map((option) => ({ flags: names(option), choices: option.choices ?? [] })),
  };
}

/** Arguments whose values the program knows without asking anybody. */
function argumentWords(spec: CommandSpec, table: readonly CommandSpec[]): readonly Word[] {
  if (spec.name === 'completion')
    return ['bash', 'zsh', 'fish', 'powershell'].map((word) => ({ word, about: 'a shell' }));
  if (spec.name !== 'help') return [];
  const topic = { word: 'exit-codes', about: `what ${exitCodes.length} exit codes mean` };
  return [topic, ...nextWords('', table)];
}

function nextWords(after: string, table: readonly CommandSpec[]): readonly Word[] {
  const prefix = after === '' ? '' : `${after} `;
  const found = new Map<string, string>();
  for (const { name, summary } of table) {
    if (!name.startsWith(prefix)) continue;
    const [word = '', ...more] = name.slice(prefix.length).split(' ');
    if (!found.has(word)) found.set(word, more.length === 0 ? summary : `commands for ${word}`);
  }
  return Array.from(found, ([word, about]) => ({ word, about }));
}

function parentsOf(name: string): readonly string[] {
  const words = name.split(' ');
  return words.slice(1).map((_, index) => words.slice(0, index + 1).join(' '));
}

function names({ flags }: OptionSpec): readonly string[] {
  return flags.split(/[ ,]+/).filter((part) => part.startsWith('-'));
}

function longNames(option: OptionSpec): readonly string[] {
  return names(option).filter((name) => name.startsWith('--'));
}
