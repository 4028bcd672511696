/** When each tag was copied, and what ran beside it: bars in as many lanes as there were copies at the same time. */
import { bytesText, durationText } from '../../kit/quantity.ts';
import type { Report, ReportItem } from '../report.ts';
import { outcomeWords } from '../words.ts';
import { html, type Markup, nothing } from './markup.ts';
import { countOf, numberText, section } from './parts.ts';

/** Bars that are drawn, where there are more those that failed and the longest; and lanes, beyond which bars lie above each other. */
const barsDrawn = 1500;
const lanesDrawn = 48;

/** Percent of the width below which a bar cannot be seen. */
const thinnest = 0.2;
const axisHeight = 24;

interface Span {
  readonly item: ReportItem;
  /** Milliseconds since the run began. */
  readonly from: number;
  readonly to: number;
}

export function timelineSection(report: Report): Markup {
  const all = spansOf(report);
  if (all.length === 0) return nothing;
  const drawn = all
    .toSorted((a, b) => Number(hasFailed(b)) - Number(hasFailed(a)) || b.to - b.from - (a.to - a.from))
    .slice(0, barsDrawn)
    .sort((a, b) => a.from - b.from);
  const length = Math.max(report.totals.milliseconds, 1, ...drawn.map(({ to }) => to));
  const note =
    drawn.length < all.length
      ? `${numberText(drawn.length)} of ${countOf(all.length, 'copy', 'copies')} are drawn, failures and the longest; all are in the JSON report.`
      : 'One bar for each tag; those that lie above each other ran at the same time. Point at one for its name.';
  return section('timeline', 'Timeline', html`${note}${legend(drawn)}`, chart(drawn, length));
}

function hasFailed({ item }: Span): boolean {
  return item.outcome === 'failed';
}

function spansOf({ items, startedAt }: Report): readonly Span[] {
  const start = Date.parse(startedAt);
  return items.flatMap((item) => {
    if (item.startedAt === undefined || item.milliseconds === undefined) return [];
    const from = Math.max(Date.parse(item.startedAt) - start, 0);
    return [{ item, from, to: from + item.milliseconds }];
  });
}

function chart(spans: readonly Span[], length: number): Markup {
  const lanes = lanesOf(spans);
  const count = Math.max(...lanes) + 1;
  const step = count <= 8 ? 16 : count <= 16 ? 11 : count <= 28 ? 7 : 5;
  const height = count * step;
  const bars = spans.map((span, at) => bar(span, length, (lanes[at] ?? 0) * step, step));
  const label = `Timeline of ${countOf(spans.length, 'copy', 'copies')} in ${durationText(length)}, up to ${count} at the same time. The table of all tags has the same figures.`;
  return html`<svg class="timeline" width="100%" height="${height + axisHeight}" role="img" aria-label="${label}">
${axis(length, height)}${bars}
</svg>`;
}

/** The first lane that is free; when all are taken, the one that is free soonest. */
function lanesOf(spans: readonly Span[]): readonly number[] {
  const free: number[] = [];
  return spans.map(({ from, to }) => {
    const open = free.findIndex((until) => until <= from);
    const lane = open >= 0 ? open : free.length < lanesDrawn ? free.length : free.indexOf(Math.min(...free));
    free[lane] = to;
    return lane;
  });
}

function bar({ item, from, to }: Span, length: number, y: number, step: number): Markup {
  const x = Math.min((from / length) * 100, 100 - thinnest);
  const width = Math.max(((to - from) / length) * 100, thinnest);
  const size = item.bytesMoved === undefined ? '' : `, ${bytesText(item.bytesMoved)}`;
  const title = `${item.destination}: ${outcomeWords[item.outcome]}${size}, ${durationText(to - from)}`;
  return html`<rect class="${item.outcome}" x="${x.toFixed(2)}%" y="${y}" width="${width.toFixed(2)}%" height="${step - (step > 8 ? 2 : 1)}" rx="${step > 8 ? 2 : 1}"><title>${title}</title></rect>
`;
}

function axis(length: number, height: number): readonly Markup[] {
  return ticksOf(length).map((at) => {
    const x = (at / length) * 100;
    const anchor = x < 4 ? 'start' : x > 94 ? 'end' : 'middle';
    return html`<line x1="${x.toFixed(2)}%" x2="${x.toFixed(2)}%" y1="0" y2="${height}"/><text x="${x.toFixed(2)}%" y="${height + 17}" text-anchor="${anchor}">${tickText(at)}</text>
`;
  });
}

const second = 1000;
const minute = 60 * second;
const hour = 60 * minute;
const steps = [
  ...[0.1, 0.2, 0.5, 1, 2, 5, 10, 15, 30].map((count) => count * second),
  ...[1, 2, 5, 10, 15, 30].map((count) => count * minute),
  ...[1, 2, 3, 6, 12, 24, 48, 96, 240].map((count) => count * hour),
];

/** From three to six marks at round times. */
function ticksOf(length: number): readonly number[] {
  const step = steps.find((size) => length / size <= 5) ?? length;
  return Array.from({ length: Math.floor(length / step) + 1 }, (_, at) => at * step);
}

function tickText(milliseconds: number): string {
  if (milliseconds === 0) return '0';
  if (milliseconds < minute) return `${Number((milliseconds / second).toFixed(1))} s`;
  if (milliseconds < hour) {
    const rest = Math.round((milliseconds % minute) / second);
    return rest === 0 ? `${milliseconds / minute} min` : `${Math.floor(milliseconds / minute)} min ${rest} s`;
  }
  const rest = Math.round((milliseconds % hour) / minute);
  return rest === 0 ? `${milliseconds / hour} h` : `${Math.floor(milliseconds / hour)} h ${rest} min`;
}

function legend(spans: readonly Span[]): Markup {
  const outcomes = [...new Set(spans.map(({ item }) => item.outcome))];
  return html`<span class="legend">${outcomes.map((outcome) => html`<span class="mark ${outcome}">${outcomeWords[outcome]}</span>`)}</span>`;
}
