/** Every tag that is more than counted, with a field to search in and a button for each outcome. */
import { bytesText, durationText } from '../../kit/quantity.ts';
import type { Report, ReportItem } from '../report.ts';
import { wordsOf } from '../words.ts';
import { html, type Markup, nothing } from './markup.ts';
import { numberText, outcomeMark, reference, section } from './parts.ts';

/** Rows on the page, those that failed before all others. More would make it slow. */
const itemsShown = 2000;

export function itemSection(report: Report): Markup {
  const { items, totals } = report;
  if (items.length === 0) return nothing;
  const shown = items.toSorted((a, b) => urgency(a) - urgency(b)).slice(0, itemsShown);
  const note = [
    ...(totals.same > 0 ? [`Tags that are the same (${numberText(totals.same)}) are only counted.`] : []),
    ...(shown.length < items.length
      ? [
          `${numberText(shown.length)} of ${numberText(items.length)} are listed here, failures first; all are in the JSON report.`,
        ]
      : []),
  ].join(' ');
  const words = wordsOf(report);
  return section(
    'all',
    'All tags',
    note,
    html`${filterBar(shown, words)}
<table id="items"><caption>All tags</caption><thead><tr><th scope="col">outcome</th><th scope="col" class="wide">tag</th><th scope="col" class="number">moved</th><th scope="col" class="number">took</th></tr></thead><tbody>
${shown.map((item) => row(item, words))}</tbody></table>`,
  );
}

const order: readonly ReportItem['outcome'][] = [
  'failed',
  'not-reached',
  'blocked',
  'updated',
  'pruned',
  'copied',
  'same',
];

function urgency({ outcome }: ReportItem): number {
  return order.indexOf(outcome);
}

function filterBar(items: readonly ReportItem[], words: ReturnType<typeof wordsOf>): Markup {
  const present = order.filter((outcome) => items.some((item) => item.outcome === outcome));
  const buttons = present.map(
    (outcome) =>
      html`<button type="button" value="${outcome}" aria-pressed="false"><span class="mark ${outcome}">${words[outcome]}</span></button>`,
  );
  return html`<div id="filter" role="search" hidden><input type="search" aria-label="Search all tags" placeholder="Search tags and errors" autocomplete="off" spellcheck="false"><div class="buttons">${present.length > 1 && buttons}</div><output id="shown" aria-live="polite"></output></div>`;
}

function row(item: ReportItem, words: ReturnType<typeof wordsOf>): Markup {
  const { outcome, destination, bytesMoved, milliseconds } = item;
  return html`<tr data-outcome="${outcome}"><td>${outcomeMark(outcome, words)}</td><td class="wide">${reference(destination)}${detail(item)}</td><td class="number" data-title="moved">${bytesMoved === undefined ? '' : bytesText(bytesMoved)}</td><td class="number" data-title="took">${milliseconds === undefined ? '' : durationText(milliseconds)}</td></tr>
`;
}

function detail({ source, reason, error, passes = 0 }: ReportItem): Markup {
  const why = error === undefined ? reason : `${error.code}: ${error.message}`;
  const parts = [
    ...(source === '' ? [] : [`from ${source}`]),
    ...(why === undefined ? [] : [why]),
    ...(passes > 1 ? [`${passes} tries`] : []),
  ];
  return parts.length === 0 ? nothing : html`<small>${parts.join(' · ')}</small>`;
}
