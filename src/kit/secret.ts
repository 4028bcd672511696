import { inspect } from 'node:util';

/**
 * A value that must not be shown. Its string, JSON and inspected forms are all `[redacted]`; only {@link Secret.reveal},
 * called where the value goes onto the wire, gives it out.
 */
export class Secret {
  readonly #value: string;

  constructor(value: string) {
    this.#value = value;
  }

  reveal(): string {
    return this.#value;
  }

  /** A secret made of this one, such as a header value. */
  map(make: (value: string) => string): Secret {
    return new Secret(make(this.#value));
  }

  toString(): string {
    return '[redacted]';
  }

  toJSON(): string {
    return '[redacted]';
  }

  [inspect.custom](): string {
    return '[redacted]';
  }
}
