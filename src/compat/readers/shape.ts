import type { Path } from '../../config/document.ts';
import { textOf } from '../values.ts';
import type { Mistakes } from './mistakes.ts';

export type Raw = Readonly<Record<string, unknown>>;

/**
 * Takes values of a foreign file in the form that their tool reads them in. What has another form is a mistake, because to
 * pass over it would drop a setting without a word. What is absent or null is empty.
 */
export class Shape {
  readonly #mistakes: Mistakes;

  constructor(mistakes: Mistakes) {
    this.#mistakes = mistakes;
  }

  map(value: unknown, path: Path): Raw {
    if (isAbsent(value)) return {};
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Raw;
    this.#wrong(path, 'a mapping', value);
    return {};
  }

  list(value: unknown, path: Path): readonly unknown[] {
    if (isAbsent(value)) return [];
    if (Array.isArray(value)) return value;
    this.#wrong(path, 'a list', value);
    return [];
  }

  /** A list of texts; one text stands for a list of one. */
  texts(value: unknown, path: Path): readonly string[] {
    if (typeof value === 'string') return isAbsent(value) ? [] : [value];
    return this.list(value, path)
      .map((item, at) => this.text(item, [...path, at]))
      .filter((text) => text !== undefined);
  }

  /** The same of regular expressions, each checked. */
  expressions(value: unknown, path: Path): readonly string[] {
    const sources = this.texts(value, path);
    sources.forEach((source, at) => this.#mistakes.expression([...path, at], source));
    return sources;
  }

  text(value: unknown, path: Path): string | undefined {
    if (isAbsent(value)) return undefined;
    if (typeof value === 'string') return value;
    this.#wrong(path, 'a text', value);
    return undefined;
  }

  #wrong(path: Path, expected: string, value: unknown): void {
    const found = Array.isArray(value) ? 'a list' : typeof value === 'object' ? 'a mapping' : 'a text';
    this.#mistakes.add(path, `${nameOf(path)}: ${expected} is expected here, not ${found}`);
  }
}

function isAbsent(value: unknown): boolean {
  return value === undefined || value === null || (typeof value === 'string' && textOf(value) === undefined);
}

/** `sync[0].tags`; `the file` for the whole of it. */
function nameOf(path: Path): string {
  if (path.length === 0) return 'the file';
  return path.map((part, at) => (typeof part === 'number' ? `[${part}]` : at === 0 ? part : `.${part}`)).join('');
}
