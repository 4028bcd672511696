/** What calls for somebody, before anything else: failures by cause, then what was not reached, then what is blocked. */
import type { Cause } from '../causes.ts';
import { causesOf } from '../causes.ts';
import type { Report, ReportItem } from '../report.ts';
import { sentenceText } from '../words.ts';
import { html, type Markup, nothing } from './markup.ts';
import { countOf, numberText, reference, rowsShown, section, table } from './parts.ts';

/** Causes and items of one cause that the page lists. */
const causesShown = 50;
const itemsShown = 200;

/** So few items stand open; more are folded. */
const fewItems = 6;

export function failureSection(report: Report): Markup {
  const causes = causesOf(report);
  if (causes.length === 0) return nothing;
  const left = causes.length - causesShown;
  const note = [
    ...(causes.length > 1 ? [`${numberText(causes.length)} causes, the one with the most items first.`] : []),
    ...(left > 0 ? [`${numberText(left)} of them are only in the JSON report.`] : []),
  ].join(' ');
  return section('failures', 'Failures', note, causes.slice(0, causesShown).map(causeCard));
}

function causeCard({ error, host, items }: Cause): Markup {
  const where = error.side === undefined ? host : `${error.side} ${host}`;
  return html`<article class="cause">
<h3>${sentenceText(error.message)}</h3>
<p class="facts"><code>${error.code}</code> ${where} · ${countOf(items.length, 'item')}</p>
${error.serverSaid !== undefined && html`<blockquote><span>The server said</span> ${error.serverSaid}</blockquote>`}
${error.hint !== undefined && html`<p class="hint">${withCode(error.hint)}</p>`}
${causeItems(items, error.side)}
</article>
`;
}

function causeItems(items: readonly ReportItem[], side: Cause['error']['side']): Markup {
  const left = items.length - itemsShown;
  const list = html`<ul>${items.slice(0, itemsShown).map(
    (item) => html`<li>${reference(placeOf(item, side))}</li>
`,
  )}${left > 0 && html`<li>… and ${numberText(left)} more, in the JSON report</li>`}</ul>`;
  if (items.length <= fewItems) return list;
  return html`<details><summary>Show them</summary>${list}</details>`;
}

/** What stands between backquotes is something to type. */
function withCode(text: string): readonly Markup[] {
  return text.split('`').map((part, at) => (at % 2 === 0 ? html`${part}` : html`<code>${part}</code>`));
}

function placeOf({ source, destination }: ReportItem, side: Cause['error']['side']): string {
  return side === 'source' && source !== '' ? source : destination;
}

export function notReachedSection(report: Report): Markup {
  return leftSection(report, 'not-reached', 'Not reached', 'Planned and not done. Another run takes them up.');
}

export function blockedSection(report: Report): Markup {
  return leftSection(report, 'blocked', 'Blocked', 'These tags differ, and a rule keeps them as they are.');
}

function leftSection({ items }: Report, outcome: ReportItem['outcome'], title: string, note: string): Markup {
  const rows = items.filter((item) => item.outcome === outcome);
  if (rows.length === 0) return nothing;
  const columns = [
    { title: 'tag', cell: (item: ReportItem) => reference(item.destination), kind: 'wide' as const },
    { title: 'why', cell: (item: ReportItem) => item.reason ?? '' },
  ];
  return section(outcome, title, note, table(title, columns, rows.slice(0, rowsShown), rows.length - rowsShown));
}
