/**
 * Reading small JSON answers by hand. A schema library would say the same, at a tenth of a second's worth of code loaded into
 * every short run.
 */

export type JsonObject = Readonly<Record<string, unknown>>;

export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

export function objectOf(value: unknown): JsonObject | undefined {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? { ...value } : undefined;
}

/** The list at `key`; empty for one that is absent or `null`, as several registries write it; `undefined` for anything else. */
export function listAt(value: unknown, key: string): readonly unknown[] | undefined {
  const object = objectOf(value);
  if (object === undefined) return undefined;
  const list = object[key] ?? [];
  return Array.isArray(list) ? list : undefined;
}
