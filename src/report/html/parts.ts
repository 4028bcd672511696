/** Small pieces that several sections of the page are made of. */

import { lazily } from '../../kit/lazily.ts';
import type { ReportItem } from '../report.ts';
import { outcomeWords } from '../words.ts';
import { type Content, html, type Markup, nothing } from './markup.ts';

/** Rows of tables beside the items: what is left out is counted. */
export const rowsShown = 100;

/** Made when a page is: reading what the language is written like takes twenty milliseconds. */
const numbers = lazily(() => new Intl.NumberFormat('en'));

export function numberText(count: number): string {
  return numbers().format(count);
}

/** `12 tags`, with separators in large numbers. */
export function countOf(count: number, one: string, many = `${one}s`): string {
  return `${numberText(count)} ${count === 1 ? one : many}`;
}

export function section(id: string, title: string, note: Content, content: Content): Markup {
  return html`<section aria-labelledby="${id}"><h2 id="${id}">${title}</h2>
${note === undefined || note === '' ? nothing : html`<p class="note">${note}</p>`}
${content}
</section>
`;
}

export function reference(text: string): Markup {
  return html`<span class="ref">${text}</span>`;
}

/** The outcome as a word with its colour beside it. */
export function outcomeMark(outcome: ReportItem['outcome'], words = outcomeWords): Markup {
  return html`<span class="mark ${outcome}">${words[outcome]}</span>`;
}

export interface Column<Row> {
  readonly title: string;
  readonly cell: (row: Row) => Content;
  readonly kind?: 'number' | 'wide';
}

/** A table that turns into a list of cards where it is narrow; each cell then bears its column's title. */
export function table<Row>(caption: string, columns: readonly Column<Row>[], rows: readonly Row[], more = 0): Markup {
  const head = columns.map(({ title, kind = '' }) => html`<th scope="col" class="${kind}">${title}</th>`);
  const body = rows.map(
    (
      row,
    ) => html`<tr>${columns.map(({ title, kind = '', cell }) => html`<td class="${kind}" data-title="${title}">${cell(row)}</td>`)}</tr>
`,
  );
  return html`<table><caption>${caption}</caption><thead><tr>${head}</tr></thead><tbody>
${body}</tbody></table>
${more > 0 && html`<p class="note">… and ${numberText(more)} more, in the JSON report.</p>`}`;
}
