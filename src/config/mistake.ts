import { TranshipError } from '../oci/errors.ts';

/** What kind of mistake it is; stable, and searchable in the reference. */
export type MistakeCode =
  /** The file cannot be read, or is larger or deeper than allowed. */
  | 'E_CONFIG_FILE'
  /** It is no YAML, or uses a part of YAML that is not taken. */
  | 'E_CONFIG_SYNTAX'
  /** A key that nothing is known of, or one that is missing. */
  | 'E_CONFIG_KEY'
  /** A value of another type, or one that makes no sense. */
  | 'E_CONFIG_VALUE'
  /** A name of a registry or stage that is not there. */
  | 'E_CONFIG_REFERENCE'
  /** Two things of one name. */
  | 'E_CONFIG_DUPLICATE'
  /** Stages that wait for each other. */
  | 'E_CONFIG_CYCLE'
  /** Two sources that end at one target, or a copy onto itself. */
  | 'E_CONFIG_TARGET'
  /** An environment variable that is not set. */
  | 'E_CONFIG_ENV';

export interface Mistake {
  readonly code: MistakeCode;
  readonly message: string;
  /** What to do, where the message alone does not say. */
  readonly hint?: string;
  readonly at: Position;
}

export interface Position {
  readonly file: string;
  /** From 1; absent where the whole file is meant. */
  readonly line?: number;
  readonly column?: number;
}

/** Everything that is wrong with a configuration, at once. */
export class ConfigError extends TranshipError {
  readonly mistakes: readonly Mistake[];

  constructor(file: string, mistakes: readonly Mistake[]) {
    const sorted = mistakes.toSorted(
      (a, b) => (a.at.line ?? 0) - (b.at.line ?? 0) || (a.at.column ?? 0) - (b.at.column ?? 0),
    );
    super('E_CONFIG', 'usage', wording(sorted), { subject: file });
    this.mistakes = sorted;
  }
}

/** `tranship.yaml:4:7` */
export function formatPosition({ file, line, column }: Position): string {
  return [file, line, column].filter((part) => part !== undefined).join(':');
}

/** `tranship.yaml:4:7: unknown key "tagz". Did you mean "tags"?` */
export function formatMistake({ at, message, hint }: Mistake): string {
  return `${formatPosition(at)}: ${message}.${hint === undefined ? '' : ` ${hint}`}`;
}

/** A file of nonsense makes thousands; nobody reads more than these. */
const mostShown = 50;

/** The same words again and again are read a few times. */
const mostAlike = 5;

function wording(mistakes: readonly Mistake[]): string {
  const count = mistakes.length === 1 ? 'one mistake' : `${mistakes.length} mistakes`;
  const alike = new Map<string, number>();
  const shown = mistakes.filter(({ message }) => {
    alike.set(message, (alike.get(message) ?? 0) + 1);
    return (alike.get(message) ?? 0) <= mostAlike;
  });
  const lines = shown.slice(0, mostShown).map((mistake) => `  ${formatMistake(mistake)}`);
  const rest = mistakes.length - lines.length;
  return [`The configuration has ${count}:`, ...lines, ...(rest > 0 ? [`  … and ${rest} more`] : [])].join('\n');
}
