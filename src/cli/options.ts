import { TranshipError } from '../oci/errors.ts';

/** The values of a command's options, read by name with the type that the table promises. */
export class OptionValues {
  readonly #values: Readonly<Record<string, unknown>>;

  constructor(values: Readonly<Record<string, unknown>>) {
    this.#values = values;
  }

  flag(name: string): boolean {
    return this.#values[name] === true;
  }

  text(name: string): string | undefined {
    const value = this.#values[name];
    return typeof value === 'string' ? value : undefined;
  }

  list(name: string): readonly string[] {
    const value = this.#values[name];
    return Array.isArray(value) ? value.map(String) : [];
  }

  count(name: string): number | undefined {
    const value = this.#values[name];
    return typeof value === 'number' ? value : undefined;
  }
}

/** Bad usage: exit 2, with a way out. */
export function usageError(message: string, hint?: string): TranshipError {
  return new TranshipError('E_USAGE', 'usage', message, hint === undefined ? {} : { hint });
}
