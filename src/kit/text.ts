/** Text for people: what of a stranger's text may be shown, how many columns it takes, and in which tone it is said. */
import { stripVTControlCharacters } from 'node:util';

export type Tone = 'good' | 'bad' | 'warn' | 'dim' | 'strong' | 'accent';

/** Colours text, or leaves it. Colour never carries meaning alone: a sign or a word stands beside it. */
export type Paint = (tone: Tone, text: string) => string;

/** Controls, and the unseen marks among which are those that turn the direction of writing: either can fake what is shown. */
const unseen = /[\p{Cc}\p{Cf}]/gu;

/** Text of a stranger, made safe for a terminal and a CI log: what can be seen of it, on one line. */
export function safeText(text: string): string {
  return stripVTControlCharacters(text)
    .replace(/[\t\n\v\f\r]+/g, ' ')
    .replace(unseen, '');
}

/** A wide letter takes two columns: East Asian scripts and pictures. */
const wide =
  /\p{Extended_Pictographic}|[\u1100-\u115f\u2e80-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6]/u;

/** Made when the first text needs it: its tables cost a short run a tenth of its time. */
let segmenter: Intl.Segmenter | undefined;

function lettersOf(text: string): readonly string[] {
  segmenter ??= new Intl.Segmenter('en', { granularity: 'grapheme' });
  return Array.from(segmenter.segment(text), ({ segment }) => segment);
}

/** How many columns a text without escape sequences takes. */
export function widthOf(text: string): number {
  if (/^[\x20-\x7e]*$/.test(text)) return text.length;
  let width = 0;
  for (const letter of lettersOf(text)) width += wide.test(letter) ? 2 : 1;
  return width;
}

/** Shortened in the middle to `columns`, so that the ends, which tell references apart, stay. */
export function fit(text: string, columns: number): string {
  if (widthOf(text) <= columns) return text;
  const letters = lettersOf(text);
  const room = Math.max(columns - 1, 0);
  const head = take(letters, Math.ceil(room / 2));
  const tail = take(letters.toReversed(), Math.floor(room / 2)).toReversed();
  return columns < 1 ? '' : `${head.join('')}…${tail.join('')}`;
}

export function padEnd(text: string, columns: number): string {
  return text + ' '.repeat(Math.max(columns - widthOf(text), 0));
}

export function padStart(text: string, columns: number): string {
  return ' '.repeat(Math.max(columns - widthOf(text), 0)) + text;
}

function take(letters: readonly string[], columns: number): readonly string[] {
  const taken: string[] = [];
  let width = 0;
  for (const letter of letters) {
    width += widthOf(letter);
    if (width > columns) break;
    taken.push(letter);
  }
  return taken;
}
