import type { CommandContext } from './context.ts';

export type OptionGroup = 'Selection' | 'Transfer' | 'Safety' | 'Server' | 'Output' | 'Connection' | 'Credentials';

export interface OptionSpec {
  /** As commander reads them: `-o, --output <format>`, `--no-referrers`. */
  readonly flags: string;
  readonly about: string;
  readonly group: OptionGroup;
  readonly choices?: readonly string[];
  readonly fallback?: string | boolean;
  /** May be given several times; the values become a list. */
  readonly repeatable?: true;
  /** A positive whole number. */
  readonly count?: true;
  /** May be given several times without a value; how often is what counts. */
  readonly tally?: true;
}

interface Example {
  readonly command: string;
  readonly about: string;
}

/** A command as the table knows it: enough to parse, help, complete and document it, without loading its code. */
export interface CommandSpec {
  /** `copy`; a word in front for the commands of one system: `quay plan`. */
  readonly name: string;
  /** As commander reads them: `<source> <destination...>`. */
  readonly args?: string;
  /** One line, no full stop. */
  readonly summary: string;
  /** Paragraphs for the command's own help. */
  readonly details?: readonly string[];
  readonly examples: readonly Example[];
  /** Beside those that every command has. */
  readonly options: readonly OptionSpec[];
  /** Needs no other room of the program, so that it answers at once. */
  readonly alone?: true;
  /** Stands in for another program: everything behind its name goes to it unread, `--help` included. */
  readonly raw?: true;
  readonly load: () => Promise<CommandModule>;
}

export interface CommandModule {
  /** Does the work and returns the exit code. What a user may see goes through the context, never to the console. */
  readonly run: (context: CommandContext) => Promise<number>;
}
