import { Command, CommanderError } from 'commander';
import type { TranshipError } from '../oci/errors.ts';
import { globalOptions } from './common-options.ts';
import { groupHelp, rootHelp, specHelp } from './help.ts';
import { commanderOption, valuesOf } from './option-parse.ts';
import { OptionValues, usageError } from './options.ts';
import type { CommandSpec } from './spec.ts';

export type CommandLine =
  | {
      readonly kind: 'run';
      readonly spec: CommandSpec;
      readonly args: readonly string[];
      readonly options: OptionValues;
    }
  | { readonly kind: 'help'; readonly text: string }
  /** Half a command, such as a group's name: its help, and exit 2. */
  | { readonly kind: 'incomplete'; readonly text: string }
  | { readonly kind: 'wrong'; readonly error: TranshipError };

type Environment = Readonly<Record<string, string | undefined>>;

/** Reads a command line by the table. Nothing is run, printed or loaded. */
export function readCommandLine(argv: readonly string[], table: readonly CommandSpec[], env: Environment): CommandLine {
  if (argv.length === 0) return { kind: 'help', text: rootHelp(table) };
  // What people type before they have read any help.
  if (argv.length === 1 && argv[0] === '--version') return readCommandLine(['version'], table, env);
  const raw = rawCommand(argv, table);
  if (raw !== undefined) return raw;
  return new Reader(table, env, relevant(argv, table)).read(argv);
}

/** A command that stands in for another program has that program's grammar, of which nothing is known here. */
function rawCommand(argv: readonly string[], table: readonly CommandSpec[]): CommandLine | undefined {
  for (const spec of table) {
    const words = spec.name.split(' ');
    if (spec.raw !== true || !words.every((word, index) => argv[index] === word)) continue;
    return { kind: 'run', spec, args: argv.slice(words.length), options: new OptionValues({}) };
  }
  return undefined;
}

/** Only the commands that the line can mean need their options read; all of them where it begins with none that there is. */
function relevant([first]: readonly string[], table: readonly CommandSpec[]): readonly CommandSpec[] {
  const named = table.filter(({ name }) => name.split(' ')[0] === first);
  return named.length === 0 ? table : named;
}

/** Commander calls back into what is being read, so reading has a little state. */
class Reader {
  readonly #root = new Command('tranship');
  readonly #groups = new Map<string, Command>();
  readonly #table: readonly CommandSpec[];
  #found: CommandLine | undefined;
  #help = '';

  constructor(table: readonly CommandSpec[], env: Environment, relevant: readonly CommandSpec[]) {
    this.#table = table;
    this.#shape(this.#root, () => rootHelp(table));
    for (const spec of relevant) this.#add(spec, env);
  }

  read(argv: readonly string[]): CommandLine {
    try {
      this.#root.parse([...argv], { from: 'user' });
    } catch (error) {
      if (!(error instanceof CommanderError)) throw error;
      if (error.code === 'commander.helpDisplayed') return { kind: 'help', text: this.#help };
      if (error.code === 'commander.help') return { kind: 'incomplete', text: this.#help };
      return { kind: 'wrong', error: refusal(error, argv, this.#table) };
    }
    return this.#found ?? { kind: 'incomplete', text: rootHelp(this.#table) };
  }

  #add(spec: CommandSpec, env: Environment): void {
    const words = spec.name.split(' ');
    const command = this.#shape(this.#parent(words.slice(0, -1)).command(words.at(-1) ?? ''), () => specHelp(spec));
    if (spec.args !== undefined) command.arguments(spec.args);
    const options = [...spec.options, ...globalOptions];
    for (const option of options) command.addOption(commanderOption(option));
    // A command may have others below it: `quay mirror A B` and `quay mirror status C`.
    this.#groups.set(spec.name, command);
    command.action(() => {
      const args = command.processedArgs.flat().filter((arg) => typeof arg === 'string');
      this.#found = { kind: 'run', spec, args, options: valuesOf(command, options, env) };
    });
  }

  #parent(words: readonly string[]): Command {
    const name = words.join(' ');
    if (name === '') return this.#root;
    const known = this.#groups.get(name);
    if (known !== undefined) return known;
    const group = this.#parent(words.slice(0, -1)).command(words.at(-1) ?? '');
    this.#groups.set(
      name,
      this.#shape(group, () => groupHelp(name, this.#table)),
    );
    return group;
  }

  #shape(command: Command, help: () => string): Command {
    return (
      command
        .exitOverride()
        // An option behind a command's name is that command's, also where the one above has the same.
        .enablePositionalOptions()
        .helpCommand(false)
        .helpOption('-h, --help', 'show this help')
        .configureHelp({ formatHelp: help })
        .configureOutput({
          writeOut: (text) => {
            this.#help = text;
          },
          writeErr: (text) => {
            this.#help = text;
          },
        })
    );
  }
}

/** Commander's refusals in our own shape: what is wrong, and which help tells more. */
function refusal(error: CommanderError, argv: readonly string[], table: readonly CommandSpec[]): TranshipError {
  const [first = '', suggestion] = error.message.replace(/^error: /, '').split('\n');
  const spec = table.findLast(({ name }) => name.split(' ').every((word, index) => argv[index] === word));
  const help = `See \`tranship ${spec === undefined ? '' : `${spec.name} `}--help\`.`;
  const guess = suggestion?.replace(/^\((.*)\)$/, '$1') ?? guessOf(error, spec);
  return usageError(`${capital(first)}.`, guess === undefined ? help : `${guess} ${help}`);
}

/** What is named without an option where only a configuration can be meant. */
function guessOf({ code }: CommanderError, spec: CommandSpec | undefined): string | undefined {
  const takesConfig = spec?.args === undefined && spec?.options.some(({ flags }) => flags.startsWith('-c, --config'));
  return code === 'commander.excessArguments' && takesConfig ? 'A configuration is named with -c FILE.' : undefined;
}

function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1).replace(/\.$/, '');
}
