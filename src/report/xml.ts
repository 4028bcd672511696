/** Writing XML by hand: what JUnit files need of it. */
import { safeText } from '../kit/text.ts';

export const xmlDeclaration = '<?xml version="1.0" encoding="UTF-8"?>';

export function element(name: string, type: string, message: string): string {
  return `${open(name, { type, message })}${escaped(message)}</${name}>`;
}

export function open(name: string, attributes: Readonly<Record<string, string | number>>, end = '>'): string {
  const written = Object.entries(attributes).map(([key, value]) => ` ${key}="${escaped(String(value))}"`);
  return `<${name}${written.join('')}${end}`;
}

const entities: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&apos;',
};

/** As XML 1.0 has it: halves of characters and the two that are none cannot be written at all. */
export function escaped(text: string): string {
  return safeText(text.toWellFormed())
    .replace(/[\ufffe\uffff]/g, '')
    .replace(/[&<>"']/g, (character) => entities[character] ?? '');
}

export function seconds(milliseconds: number): string {
  return (milliseconds / 1000).toFixed(3);
}
