import type { ResponseHeaders } from './types.ts';

/**
 * Headers as they came over the wire, each line with its CR LF before it. They are looked up in the text, because of most
 * answers only two or three of them are ever asked for.
 */
export class HeaderLines implements ResponseHeaders {
  readonly #lines: string;
  readonly #names: string;

  constructor(lines: string) {
    this.#lines = lines;
    this.#names = lines.toLowerCase();
  }

  get(name: string): string | undefined {
    const start = startOf(name);
    const first = this.#names.indexOf(start);
    if (first === -1) return undefined;
    const isOnly = this.#names.indexOf(start, first + start.length) === -1;
    return isOnly ? this.#valueAt(first + start.length) : this.all(name).join(', ');
  }

  all(name: string): readonly string[] {
    const start = startOf(name);
    const values: string[] = [];
    for (let at = this.#names.indexOf(start); at !== -1; at = this.#names.indexOf(start, at + start.length))
      values.push(this.#valueAt(at + start.length));
    return values;
  }

  #valueAt(start: number): string {
    const next = this.#lines.indexOf('\r\n', start);
    return withoutBlanks(this.#lines, start, next === -1 ? this.#lines.length : next);
  }
}

/** How the line of a header begins, by its name. The names come from this program, so they are few. */
const starts = new Map<string, string>();

function startOf(name: string): string {
  const known = starts.get(name);
  if (known !== undefined) return known;
  const start = `\r\n${name.toLowerCase()}:`;
  starts.set(name, start);
  return start;
}

/** `text` from `start` to `end` without the spaces and tabs around it; `trim` would take more away. */
function withoutBlanks(text: string, start: number, end: number): string {
  let [first, behind] = [start, end];
  while (first < behind && blanks.includes(text.charAt(first))) first += 1;
  while (behind > first && blanks.includes(text.charAt(behind - 1))) behind -= 1;
  return text.slice(first, behind);
}

const blanks = '\t ';

/**
 * What may travel to another origin with a redirect. An allow-list, because a header that a caller adds one day must not
 * leak by default.
 */
const travelling = new Set(['accept', 'accept-encoding', 'range', 'user-agent']);

export function travellingHeaders(headers: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(headers).filter(([name]) => travelling.has(name.toLowerCase())));
}
