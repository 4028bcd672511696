/** The end of a run on the terminal: what was done, what it cost, and at the very end, where it is read, what failed. */
import { bytesText, countText, durationText } from '../kit/quantity.ts';
import { fit, type Paint, padEnd, padStart, safeText, widthOf } from '../kit/text.ts';
import { shortDigest } from '../oci/digest.ts';
import { type Cause, causesOf } from './causes.ts';
import type { Report, ReportItem } from './report.ts';
import { bytesLine, countsText, failureText, hostText, nextCommand, referrersText } from './words.ts';

export interface SummaryRendering {
  readonly paint?: Paint;
  readonly width?: number;
  /** The JSON report's file, where one was written: `--retry-failed` can start from it. */
  readonly reportFile?: string;
  /** Instead of the command that follows from the report. */
  readonly next?: string;
}

const hostsShown = 8;
const slowestShown = 3;
const itemsShown = 6;
const causesShown = 20;
const warningsShown = 6;
const usualWidth = 100;

/** An item that took less than this is not worth naming as slow. */
const slowMilliseconds = 1000;

export function summaryLines(report: Report, rendering: SummaryRendering = {}): readonly string[] {
  const { paint = plain, width = usualWidth } = rendering;
  const next = rendering.next ?? nextCommand(report, rendering.reportFile);
  return [
    headline(report, paint),
    ...factLines(report),
    ...section('Requests by host', hostLines(report, width), paint),
    ...section('Slowest', slowestLines(report, width), paint),
    ...section('Moved tags, and what they named before', movedLines(report, width), paint),
    ...section('Warnings', warningLines(report), paint),
    ...section('Blocked, left as they are', itemLines(report, 'blocked', width), paint),
    ...section('Not reached', itemLines(report, 'not-reached', width), paint),
    ...causeLines(report, paint, width),
    ...(next === undefined ? [] : ['', `${paint('dim', 'Next:')} ${paint('accent', next)}`]),
  ];
}

const plain: Paint = (_, text) => text;

function headline(report: Report, paint: Paint): string {
  const { totals, dryRun } = report;
  const time = durationText(totals.milliseconds);
  if (dryRun) return paint('strong', `Dry run, nothing was written: ${countsText(report)}, in ${time}`);
  const trouble = totals.failed + totals.notReached > 0;
  const sign = trouble ? paint('bad', '✖') : totals.blocked > 0 ? paint('warn', '!') : paint('good', '✓');
  return `${sign} ${paint('strong', `${countsText(report)}, in ${time}`)}`;
}

function factLines(report: Report): readonly string[] {
  const { passes, stages } = report;
  const referrers = referrersText(report);
  const after = stages.filter(({ afterFailuresOf }) => afterFailuresOf.length > 0).slice(0, itemsShown);
  return [
    `  ${bytesLine(report)}`,
    ...(referrers === undefined ? [] : [`  ${safeText(referrers)}`]),
    ...(passes > 1 ? [`  It took ${passes} passes.`] : []),
    ...after.map(({ stage, afterFailuresOf }) =>
      safeText(`  Stage ${stage} ran although something of ${afterFailuresOf.join(', ')} had failed.`),
    ),
  ];
}

function section(title: string, lines: readonly string[], paint: Paint): readonly string[] {
  return lines.length === 0 ? [] : ['', paint('dim', title), ...lines];
}

function hostLines({ hosts }: Report, width: number): readonly string[] {
  const shown = hosts.slice(0, hostsShown);
  const names = shown.map(({ host }) => fit(safeText(host), Math.floor(width / 2)));
  const column = Math.max(0, ...names.map(widthOf));
  return [
    ...shown.map((host, at) => `  ${padEnd(names[at] ?? '', column)}  ${hostText(host)}`),
    ...moreLines(hosts.length - hostsShown, 'host'),
  ];
}

function slowestLines({ items }: Report, width: number): readonly string[] {
  return items
    .filter(({ milliseconds = 0, outcome }) => milliseconds >= slowMilliseconds && outcome !== 'failed')
    .sort((a, b) => (b.milliseconds ?? 0) - (a.milliseconds ?? 0))
    .slice(0, slowestShown)
    .map(({ destination, milliseconds = 0, bytesMoved = 0 }) => {
      const size = bytesMoved > 0 ? `  ${bytesText(bytesMoved)}` : '';
      return `  ${padStart(durationText(milliseconds), 10)}  ${fit(safeText(destination), width - 26)}${size}`;
    });
}

/** The way back for tags that were moved or removed. */
function movedLines({ items }: Report, width: number): readonly string[] {
  const moved = items.filter(({ outcome, previous }) => previous !== undefined && outcome !== 'blocked');
  return [
    ...moved.slice(0, itemsShown).map(({ destination, previous }) => {
      const before = previous === undefined ? '' : shortDigest(previous);
      return `  ${fit(safeText(destination), width - 26)}  ${before}`;
    }),
    ...moreLines(moved.length - itemsShown, 'tag'),
  ];
}

function warningLines({ warnings }: Report): readonly string[] {
  return [
    ...warnings.slice(0, warningsShown).map(({ message, subject }) => {
      const where = subject === undefined || message.includes(subject) ? '' : `${safeText(subject)}: `;
      return `  ${where}${safeText(message)}`;
    }),
    ...moreLines(warnings.length - warningsShown, 'warning'),
  ];
}

function itemLines({ items }: Report, outcome: ReportItem['outcome'], width: number): readonly string[] {
  const found = items.filter((item) => item.outcome === outcome);
  return [
    ...found.slice(0, itemsShown).map(({ destination, reason = '' }) => {
      const room = Math.max(width - widthOf(reason) - 5, 20);
      return `  ${fit(safeText(destination), room)}  ${safeText(reason)}`.trimEnd();
    }),
    ...moreLines(found.length - itemsShown, 'tag'),
  ];
}

function causeLines(report: Report, paint: Paint, width: number): readonly string[] {
  const causes = causesOf(report);
  const shown = causes.slice(0, causesShown).toReversed();
  return [
    ...shown.flatMap((cause) => ['', ...linesOfCause(cause, paint, width)]),
    ...moreLines(causes.length - causesShown, 'cause'),
  ];
}

function linesOfCause({ error, items, host }: Cause, paint: Paint, width: number): readonly string[] {
  const where = safeText([error.side, host].filter((part) => part !== undefined && part !== '').join(' '));
  // A source's tag stands for all its destinations.
  const places = [...new Set(items.map((item) => placeOf(item, error.side)))];
  const left = places.length - itemsShown;
  return [
    `${paint('bad', '✖')} ${paint('strong', where)} — ${failureText(error)} ${paint('dim', `(${error.code})`)}`,
    ...places.slice(0, itemsShown).map((place) => `    ${fit(safeText(place), width - 4)}`),
    ...(left > 0 ? [`    … and ${countText(left, 'more tag')}`] : []),
    `  ${paint('accent', '→')} ${safeText(error.hint ?? `See \`tranship explain ${error.code}\`.`)}`,
  ];
}

/** The side that failed names the item; the other is in the report. */
function placeOf({ source, destination }: ReportItem, side: 'source' | 'destination' | undefined): string {
  return side === 'source' && source !== '' ? source : destination;
}

function moreLines(left: number, one: string): readonly string[] {
  return left > 0 ? [`  … and ${countText(left, `more ${one}`)}`] : [];
}
