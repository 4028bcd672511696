/** The quieter tables of the page: what tags named before, what hosts were asked, stages, warnings. */
import { bytesText, durationText } from '../../kit/quantity.ts';
import { shortDigest } from '../../oci/digest.ts';
import type { HostAccount, Report, ReportItem, StageAccount } from '../report.ts';
import { html, type Markup, nothing } from './markup.ts';
import { type Column, numberText, outcomeMark, reference, rowsShown, section, table } from './parts.ts';

export function movedSection({ items, dryRun }: Report): Markup {
  const rows = items.filter(({ outcome, previous }) => previous !== undefined && outcome !== 'blocked');
  if (rows.length === 0) return nothing;
  const columns: readonly Column<ReportItem>[] = [
    { title: 'tag', cell: ({ destination }) => reference(destination), kind: 'wide' },
    { title: '', cell: ({ outcome }) => outcomeMark(outcome) },
    { title: 'named before', cell: ({ previous }) => previous !== undefined && digestOf(previous) },
    {
      title: 'names now',
      cell: ({ digest, outcome }) => (outcome !== 'pruned' && digest !== undefined ? digestOf(digest) : '–'),
    },
  ];
  const note = dryRun
    ? 'Tags that would name something else.'
    : 'The way back: whoever needs the former content finds it by its digest, while the registry keeps it.';
  return section('moved', 'Moved and removed tags', note, limited('Moved and removed tags', columns, rows));
}

/** Short for the eye; whole where it is pointed at and where it is copied from the JSON. */
function digestOf(digest: NonNullable<ReportItem['digest']>): Markup {
  return html`<span class="ref" title="${digest}">${shortDigest(digest)}</span>`;
}

export function hostSection({ hosts }: Report): Markup {
  if (hosts.length === 0) return nothing;
  const columns: readonly Column<HostAccount>[] = [
    { title: 'host', cell: ({ host }) => reference(host), kind: 'wide' },
    { title: 'requests', cell: ({ requests }) => numberText(requests), kind: 'number' },
    { title: 'manifest GETs', cell: ({ manifestGets }) => numberText(manifestGets), kind: 'number' },
    { title: 'writes', cell: ({ writes }) => numberText(writes), kind: 'number' },
    { title: 'received', cell: ({ receivedBytes }) => bytesText(receivedBytes), kind: 'number' },
    { title: 'sent', cell: ({ sentBytes }) => bytesText(sentBytes), kind: 'number' },
    { title: 'waited', cell: ({ waitedMilliseconds: ms }) => (ms === 0 ? '–' : durationText(ms)), kind: 'number' },
  ];
  return section('hosts', 'Requests by host', '', limited('Requests by host', columns, hosts));
}

export function stageSection({ stages }: Report): Markup {
  if (stages.length < 2 && stages.every(({ afterFailuresOf }) => afterFailuresOf.length === 0)) return nothing;
  const columns: readonly Column<StageAccount>[] = [
    { title: 'stage', cell: ({ stage }) => reference(stage), kind: 'wide' },
    { title: 'began', cell: ({ startedAt }) => startedAt.slice(11, 19) },
    { title: 'took', cell: ({ startedAt, finishedAt }) => tookText(startedAt, finishedAt), kind: 'number' },
    { title: 'ran after failures of', cell: ({ afterFailuresOf }) => afterFailuresOf.join(', ') || '–' },
  ];
  return section('stages', 'Stages', '', limited('Stages', columns, stages));
}

function tookText(startedAt: string, finishedAt: string | undefined): string {
  return finishedAt === undefined ? 'stopped' : durationText(Date.parse(finishedAt) - Date.parse(startedAt));
}

export function warningSection({ warnings }: Report): Markup {
  if (warnings.length === 0) return nothing;
  const columns: readonly Column<Report['warnings'][number]>[] = [
    { title: 'where', cell: ({ subject = '' }) => reference(subject), kind: 'wide' },
    { title: 'what', cell: ({ message }) => message },
    { title: 'code', cell: ({ code }) => html`<code>${code}</code>` },
  ];
  return section('warnings', 'Warnings', '', limited('Warnings', columns, warnings));
}

function limited<Row>(caption: string, columns: readonly Column<Row>[], rows: readonly Row[]): Markup {
  return table(caption, columns, rows.slice(0, rowsShown), rows.length - rowsShown);
}
