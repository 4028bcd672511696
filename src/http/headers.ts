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
    const first = this.#find(name, 0);
    if (first === undefined) return undefined;
    return this.#find(name, first.end) === undefined ? first.value : this.all(name).join(', ');
  }

  all(name: string): readonly string[] {
    const values: string[] = [];
    for (let found = this.#find(name, 0); found !== undefined; found = this.#find(name, found.end))
      values.push(found.value);
    return values;
  }

  #find(name: string, from: number): { readonly value: string; readonly end: number } | undefined {
    const start = `\r\n${name.toLowerCase()}:`;
    const at = this.#names.indexOf(start, from);
    if (at === -1) return undefined;
    const next = this.#lines.indexOf('\r\n', at + start.length);
    const end = next === -1 ? this.#lines.length : next;
    return { value: withoutBlanks(this.#lines, at + start.length, end), end };
  }
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
