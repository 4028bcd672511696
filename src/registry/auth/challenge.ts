/** One way in that a server offers (RFC 9110 §11.6.1). */
export interface Challenge {
  /** Lower case: `bearer`, `basic`. */
  readonly scheme: string;
  /** Names in lower case; of a repeated name the first value. */
  readonly parameters: ReadonlyMap<string, string>;
}

const longestHeader = 16_384;
const mostChallenges = 32;

const tokenPattern = /[!#$%&'*+.^_`|~0-9A-Za-z-]+/y;
const token68Pattern = /[A-Za-z0-9._~+/-]+=*(?=[ \t]*(?:,|$))/y;
const bareValuePattern = /[^\s,"]+/y;
const gapPattern = /[\s,]*/y;
const spacePattern = /[ \t]*/y;
const equalsPattern = /[ \t]*=[ \t]*/y;

/**
 * Every challenge in the values of all `WWW-Authenticate` headers, in order.
 *
 * Servers put several into one header or one into each, quote values or do not, and write names in any case. What cannot
 * be read is stepped over: a damaged challenge must not hide a good one behind it.
 */
export function parseChallenges(headers: readonly string[]): Challenge[] {
  return headers.flatMap((header) => readHeader(header.slice(0, longestHeader))).slice(0, mostChallenges);
}

function readHeader(text: string): Challenge[] {
  const reader = new Reader(text);
  const challenges: Challenge[] = [];
  for (reader.take(gapPattern); !reader.ended; reader.take(gapPattern)) {
    const scheme = reader.take(tokenPattern);
    if (scheme === '') reader.skipOne();
    else challenges.push({ scheme: scheme.toLowerCase(), parameters: readParameters(reader) });
  }
  return challenges;
}

function readParameters(reader: Reader): Map<string, string> {
  const parameters = new Map<string, string>();
  reader.take(spacePattern);
  if (reader.take(token68Pattern) !== '') return parameters;
  for (;;) {
    const start = reader.position;
    reader.take(gapPattern);
    const name = reader.take(tokenPattern).toLowerCase();
    if (name === '' || reader.take(equalsPattern) === '') {
      // No parameter, so it is the next challenge's scheme.
      reader.position = start;
      return parameters;
    }
    const value = reader.takeQuoted() ?? reader.take(bareValuePattern);
    if (!parameters.has(name)) parameters.set(name, value);
  }
}

/** A place in a text. */
class Reader {
  position = 0;
  readonly #text: string;

  constructor(text: string) {
    this.#text = text;
  }

  get ended(): boolean {
    return this.position >= this.#text.length;
  }

  /** What the sticky `pattern` matches here, stepped over; empty when it does not match. */
  take(pattern: RegExp): string {
    pattern.lastIndex = this.position;
    const found = pattern.exec(this.#text)?.[0] ?? '';
    this.position += found.length;
    return found;
  }

  skipOne(): void {
    this.position++;
  }

  /** A quoted string without its quotes and escapes; one that never closes runs to the end. */
  takeQuoted(): string | undefined {
    if (this.#text[this.position] !== '"') return undefined;
    let value = '';
    for (this.position++; !this.ended; this.position++) {
      const character = this.#text[this.position];
      if (character === '"') break;
      if (character === '\\') this.position++;
      value += this.#text[this.position] ?? '';
    }
    this.position++;
    return value;
  }
}
