/** The report for a CI system's summary page, in GitHub's Markdown: failures first, the rest folded away. */
import { bytesText, countText, durationText } from '../kit/quantity.ts';
import { causesOf } from './causes.ts';
import { code, folded, plain, rowsShown, table } from './markdown-text.ts';
import type { Report, ReportItem } from './report.ts';
import { repositoriesOf } from './repositories.ts';
import { bytesLine, countsText, nextCommand, referrersText, wordsOf } from './words.ts';

const itemsOfCause = 10;

export function markdownOf(report: Report, reportFile?: string): string {
  const { totals, dryRun, intent } = report;
  const next = nextCommand(report, reportFile);
  const parts = [
    `## ${signOf(report)} tranship: ${countsText(report)}`,
    `${code(intent)} · ${durationText(totals.milliseconds)} · ${bytesLine(report)}${dryRun ? ' · **dry run, nothing was written**' : ''}`,
    ...causes(report),
    ...itemTable(report, 'not-reached', 'Not reached'),
    ...itemTable(report, 'blocked', 'Blocked, left as they are'),
    ...(next === undefined ? [] : [`Next: ${code(next)}`]),
    ...folded(countText(totals.copied + totals.updated + totals.pruned, 'change'), changes(report)),
    ...folded('Bytes by repository', repositories(report)),
    ...folded(`${countText(totals.requests, 'request')} by host`, hosts(report)),
    ...folded(countText(report.warnings.length, 'warning'), warnings(report)),
    ...remarks(report),
  ];
  return `${parts.join('\n\n')}\n`;
}

function signOf({ totals }: Report): string {
  if (totals.failed + totals.notReached > 0) return '❌';
  return totals.blocked > 0 ? '⚠️' : '✅';
}

function causes(report: Report): readonly string[] {
  return causesOf(report)
    .slice(0, rowsShown)
    .map(({ error, host, items }) => {
      const where = [error.side, host === '' ? undefined : code(host)].filter((part) => part !== undefined).join(' ');
      const side = (item: ReportItem) =>
        error.side === 'source' && item.source !== '' ? item.source : item.destination;
      const left = items.length - itemsOfCause;
      return [
        `### ${code(error.code)} ${where}: ${countText(items.length, 'item')}`,
        '',
        `${plain(error.message)}${error.serverSaid === undefined ? '' : ` The server said: ${code(error.serverSaid)}`}`,
        ...(error.hint === undefined ? [] : ['', `→ ${plain(error.hint)}`]),
        '',
        ...items.slice(0, itemsOfCause).map((item) => `- ${code(side(item))}`),
        ...(left > 0 ? [`- … and ${left} more`] : []),
      ].join('\n');
    });
}

function itemTable({ items }: Report, outcome: ReportItem['outcome'], title: string): readonly string[] {
  const rows = items.filter((item) => item.outcome === outcome);
  if (rows.length === 0) return [];
  const cells = rows.map(({ destination, reason = '' }) => [code(destination), plain(reason)]);
  return [`### ${title}`, table(['tag', 'why'], cells)];
}

function changes(report: Report): string | undefined {
  const words = wordsOf(report);
  const rows = report.items.filter(({ outcome }) => ['copied', 'updated', 'pruned'].includes(outcome));
  if (rows.length === 0) return undefined;
  const cells = rows.map(({ destination, outcome, previous, bytesMoved }) => [
    words[outcome],
    code(destination),
    bytesMoved === undefined ? '' : bytesText(bytesMoved),
    previous === undefined ? '' : code(previous),
  ]);
  return table(['', 'tag', 'moved', 'named before'], cells);
}

function repositories(report: Report): string | undefined {
  const rows = repositoriesOf(report).filter(({ bytesMoved, bytesSaved }) => bytesMoved + bytesSaved > 0);
  if (rows.length === 0) return undefined;
  const cells = rows.map(({ repository, tags, bytesMoved, bytesSaved }) => [
    code(repository),
    String(tags),
    bytesText(bytesMoved),
    bytesText(bytesSaved),
  ]);
  return table(['repository', 'tags', 'moved', 'saved'], cells);
}

function hosts(report: Report): string | undefined {
  if (report.hosts.length === 0) return undefined;
  const cells = report.hosts.map((host) => [
    code(host.host),
    String(host.requests),
    String(host.manifestGets),
    String(host.writes),
    bytesText(host.receivedBytes),
    bytesText(host.sentBytes),
    durationText(host.waitedMilliseconds),
  ]);
  return table(['host', 'requests', 'manifest GETs', 'writes', 'received', 'sent', 'waited'], cells);
}

function warnings(report: Report): string | undefined {
  if (report.warnings.length === 0) return undefined;
  const cells = report.warnings.map(({ message, subject }) => [
    subject === undefined ? '' : code(subject),
    plain(message),
  ]);
  return table(['where', 'what'], cells);
}

function remarks(report: Report): readonly string[] {
  const { passes, stages } = report;
  const referrers = referrersText(report);
  const after = stages.filter(({ afterFailuresOf }) => afterFailuresOf.length > 0).slice(0, rowsShown);
  return [
    ...(referrers === undefined ? [] : [plain(referrers)]),
    ...(passes > 1 ? [`It took ${passes} passes.`] : []),
    ...after.map(
      ({ stage, afterFailuresOf }) =>
        `Stage ${code(stage)} ran although something of ${afterFailuresOf.map(code).join(', ')} had failed.`,
    ),
  ];
}
