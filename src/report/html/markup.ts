/** HTML by a template in which every value is text, unless it is markup itself: nothing can be forgotten to be escaped. */
import { safeText } from '../../kit/text.ts';

export class Markup {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }
}

export type Content = string | number | Markup | readonly Markup[] | undefined | false;

export function html(strings: TemplateStringsArray, ...values: readonly Content[]): Markup {
  return new Markup(strings.map((string, at) => string + written(values[at])).join(''));
}

/** Text that is ours to the last letter, such as the page's own style. */
export function trusted(text: string): Markup {
  return new Markup(text);
}

export const nothing = new Markup('');

function written(value: Content): string {
  if (value === undefined || value === false) return '';
  if (value instanceof Markup) return value.text;
  if (typeof value === 'object') return value.map(({ text }) => text).join('');
  return escaped(String(value));
}

const entities: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

function escaped(text: string): string {
  return safeText(text.toWellFormed()).replace(/[&<>"']/g, (character) => entities[character] ?? '');
}
