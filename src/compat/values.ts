/** Reading loosely typed values of other tools' files, where every scalar is a text. */
import { rawList, rawRecord } from '../config/raw.ts';

export { rawList as listOf, rawRecord as recordOf };

/** The text of a scalar; absent and null count as nothing. */
export function textOf(value: unknown): string | undefined {
  return typeof value === 'string' && !isNull(value) ? value : undefined;
}

/** A list of texts; one text stands for a list of one. */
export function textsOf(value: unknown): readonly string[] {
  const list = Array.isArray(value) ? rawList(value) : [value];
  return list.map(textOf).filter((text) => text !== undefined);
}

/** YAML's words for true, of both its versions. */
export function isOn(value: unknown): boolean {
  return typeof value === 'string' && /^(?:true|yes|on|y)$/i.test(value);
}

export function isOff(value: unknown): boolean {
  return typeof value === 'string' && /^(?:false|no|off|n)$/i.test(value);
}

export function numberOf(value: unknown): number | undefined {
  const text = textOf(value);
  const number = text === undefined || text.trim() === '' ? Number.NaN : Number(text);
  return Number.isFinite(number) ? number : undefined;
}

function isNull(text: string): boolean {
  return text === '' || text === '~' || text === 'null' || text === 'Null' || text === 'NULL';
}
