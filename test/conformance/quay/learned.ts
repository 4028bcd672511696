/**
 * What stands for what: strings that Quay makes up (secrets, UUIDs, page tokens, client ids, upload locations) differ on
 * every run. When an answer of the recording and an answer of the fake hold two such strings in the same place, they are
 * paired, and later requests of the recording are sent with the fake's.
 */
export class Learned {
  readonly #actual = new Map<string, string>();

  learn(recorded: string, actual: string): void {
    this.#actual.set(recorded, actual);
  }

  get(recorded: string): string | undefined {
    return this.#actual.get(recorded);
  }

  /** `text` of a recorded request with everything replaced that is known. */
  translate(text: string): string {
    return text.replaceAll(madeUp, (found) => this.#translateOne(found));
  }

  #translateOne(found: string): string {
    const direct = this.#actual.get(found);
    if (direct !== undefined) return direct;
    const decoded = decode(found);
    const value = this.#actual.get(decoded);
    return value === undefined ? found : encodeURIComponent(value);
  }
}

const madeUp =
  /<secret:\d+>|%3Csecret%3A\d+%3E|[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}(?:\?_state=[\w=%.-]+)?|gAAAA[\w%=-]+|\b[A-Z0-9]{20}\b/g;

/** Whether a whole string is one that Quay made up. */
export function isMadeUp(text: string): boolean {
  const match = text.match(madeUp);
  return match !== null && match[0] === text;
}

/** Pairs the made-up parts inside two strings that are the same otherwise; `undefined` if they are not. */
export function pairParts(recorded: string, actual: string): readonly (readonly [string, string])[] | undefined {
  const parts = recorded.match(madeUp) ?? [];
  const pattern = recorded
    .split(madeUp)
    .map((piece) => piece.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&'))
    .join('(.+?)');
  const match = new RegExp(`^${pattern}$`, 's').exec(actual);
  return match === null ? undefined : parts.map((part, index) => [part, match[index + 1] ?? ''] as const);
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
