import type { Path } from '../../config/document.ts';
import { ConfigError, type Mistake, type MistakeCode } from '../../config/mistake.ts';
import { compileRegex, PatternError } from '../../kit/pattern.ts';
import { isDigest } from '../../oci/digest.ts';
import { isTagName } from '../../oci/names.ts';
import type { ForeignText } from '../yaml.ts';

/** Collects what is wrong with a foreign file, so that everything is told at once. */
export class Mistakes {
  readonly #file: string;
  readonly #text: ForeignText;
  readonly #all: Mistake[] = [];

  constructor(file: string, text: ForeignText) {
    this.#file = file;
    this.#text = text;
  }

  add(
    path: Path,
    message: string,
    { code = 'E_CONFIG_VALUE', hint }: { code?: MistakeCode; hint?: string } = {},
  ): void {
    this.#all.push({ code, message, at: this.#text.at(path), ...(hint === undefined ? {} : { hint }) });
  }

  missing(path: Path, key: string): void {
    this.add(path, `"${key}" is missing`, { code: 'E_CONFIG_KEY' });
  }

  /** Tells of a tag or digest that is none, where it stands. */
  reference(path: Path, text: string): void {
    const [tag = '', digest] = /^sha\d+:/.test(text) ? [undefined, text] : text.split('@', 2);
    if (digest !== undefined && !isDigest(digest)) this.add(path, `"${digest}" is no digest`);
    else if (tag !== '' || digest === undefined) if (!isTagName(tag)) this.add(path, `"${tag}" is no tag`);
  }

  /** Nothing has been told so far. */
  get none(): boolean {
    return this.#all.length === 0;
  }

  /** Tells of an expression that cannot be read, where it stands. */
  expression(path: Path, source: string): void {
    try {
      compileRegex(source);
    } catch (error) {
      if (!(error instanceof PatternError)) throw error;
      this.add(path, `"${source}" is no regular expression: ${error.message}`);
    }
  }

  throwIfAny(): void {
    if (this.#all.length > 0) throw new ConfigError(this.#file, this.#all);
  }
}
