/** The top of the page: how it ended, in one sentence and a few numbers. */
import { bytesText, durationText } from '../../kit/quantity.ts';
import type { Report } from '../report.ts';
import { nextCommand, referrersText, type Tally, talliesOf } from '../words.ts';
import { html, type Markup, nothing } from './markup.ts';
import { countOf, numberText } from './parts.ts';

export function overview(report: Report, reportFile: string | undefined): Markup {
  const tallies = talliesOf(report);
  const next = nextCommand(report, reportFile);
  return html`<header class="${moodOf(report)}">
<p class="kind">tranship ${report.dryRun ? 'dry run' : 'run'} <span class="ref">${report.intent}</span></p>
<h1>${headline(report)}</h1>
<p class="note">${timeOf(report.startedAt)}, ${durationText(report.totals.milliseconds)}${passes(report)}</p>
${outcomeBar(tallies)}
<dl class="numbers">
${tallies.map(
  ({
    outcome,
    count,
    word,
  }) => html`<div><dt><span class="mark ${outcome}">${word}</span></dt><dd>${numberText(count)}</dd></div>
`,
)}${number(report.dryRun ? 'to move' : 'moved', bytesText(report.totals.bytesMoved))}${number('shared or there already', bytesText(report.totals.bytesSaved))}${number(report.totals.requests === 1 ? 'request' : 'requests', numberText(report.totals.requests))}</dl>
${remarks(report)}
${next !== undefined && html`<p class="next"><span>Next</span> <code>${next}</code></p>`}
</header>
`;
}

function moodOf({ totals }: Report): string {
  if (totals.failed + totals.notReached > 0) return 'bad';
  return totals.blocked > 0 ? 'odd' : 'good';
}

function headline({ totals, dryRun }: Report): string {
  const { copied, updated, pruned, same, blocked, failed, notReached } = totals;
  const changed = copied + updated + pruned;
  const all = changed + same + blocked + failed + notReached;
  if (failed > 0) return `${numberText(failed)} of ${countOf(all, 'tag')} failed`;
  if (notReached > 0) return `${numberText(notReached)} of ${countOf(all, 'tag')} not reached`;
  if (dryRun && changed > 0) return `${countOf(changed, 'tag')} would change`;
  if (blocked > 0) return `${countOf(blocked, 'tag')} could not be brought in step`;
  if (changed > 0) return `${countOf(changed, 'tag')} brought in step`;
  return same > 0 ? `Nothing to do: ${countOf(same, 'tag')} in step` : 'Nothing to do: there were no tags';
}

function timeOf(time: string): Markup {
  return html`<time datetime="${time}">${time.slice(0, 10)} ${time.slice(11, 19)} UTC</time>`;
}

function passes({ passes: count }: Report): string {
  return count > 1 ? `, ${count} passes` : '';
}

function remarks(report: Report): Markup {
  const referrers = referrersText(report);
  return referrers === undefined ? nothing : html`<p class="note">${referrers}</p>`;
}

function number(name: string, value: string): Markup {
  return html`<div><dt>${name}</dt><dd>${value}</dd></div>
`;
}

/** Widths below this share of the bar cannot be seen. */
const thinnest = 0.6;

function outcomeBar(tallies: readonly Tally[]): Markup {
  let all = 0;
  for (const { count } of tallies) all += count;
  if (all === 0) return nothing;
  const widths = tallies.map(({ count }) => Math.max((count / all) * 100, thinnest));
  const sum = widths.reduce((total, width) => total + width, 0);
  let x = 0;
  const parts = tallies.map(({ outcome, count, word }, at) => {
    const width = ((widths[at] ?? 0) / sum) * 100;
    const part = html`<rect class="${outcome}" x="${x.toFixed(2)}%" width="${width.toFixed(2)}%" height="100%"><title>${numberText(count)} ${word}</title></rect>`;
    x += width;
    return part;
  });
  const label = tallies.map(({ count, word }) => `${numberText(count)} ${word}`).join(', ');
  return html`<svg class="outcomes" width="100%" height="10" role="img" aria-label="${label}">${parts}</svg>`;
}
