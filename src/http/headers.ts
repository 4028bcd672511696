import type { ResponseHeaders } from './types.ts';

/** Headers as they came over the wire: name, value, name, value … */
export function readHeaders(raw: readonly string[]): ResponseHeaders {
  const values = new Map<string, string[]>();
  for (let index = 0; index + 1 < raw.length; index += 2) {
    const name = (raw[index] ?? '').toLowerCase();
    const value = raw[index + 1] ?? '';
    const known = values.get(name);
    if (known === undefined) values.set(name, [value]);
    else known.push(value);
  }
  return {
    get: (name) => values.get(name.toLowerCase())?.join(', '),
    all: (name) => values.get(name.toLowerCase()) ?? [],
  };
}

/**
 * What may travel to another origin with a redirect. An allow-list, because a header that a caller adds one day must not
 * leak by default.
 */
const travelling = new Set(['accept', 'accept-encoding', 'range', 'user-agent']);

export function travellingHeaders(headers: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(headers).filter(([name]) => travelling.has(name.toLowerCase())));
}
