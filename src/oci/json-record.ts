import { TranshipError } from './errors.ts';

/** A JSON object without a prototype's names in the way. */
export type JsonRecord = ReadonlyMap<string, unknown>;

/** `value` as a record; `E_MANIFEST_INVALID` naming `what` where it is none. */
export function asRecord(value: unknown, what: string): JsonRecord {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new TranshipError('E_MANIFEST_INVALID', 'failed', `The manifest is malformed: ${what} is not an object.`);
  }
  return new Map(Object.entries(value));
}

/**
 * Refuses a key that is a known field's name but for upper and lower case: readers written in Go take it for that field,
 * all others do not see it.
 */
export function refuseLookalikes(record: JsonRecord, fields: readonly string[]): void {
  for (const key of record.keys()) {
    const twin = fields.includes(key) ? undefined : fields.find((field) => fold(field) === fold(key));
    if (twin === undefined) continue;
    throw new TranshipError(
      'E_MANIFEST_AMBIGUOUS',
      'failed',
      `The manifest can be read in two ways: the key ${JSON.stringify(key)} differs from "${twin}" in case only.`,
    );
  }
}

/** Up, then down: so that the long s and the Kelvin sign meet s and k, as in Go's folding. */
function fold(text: string): string {
  return text.toUpperCase().toLowerCase();
}
