/** Sentences that more than one rendering says. */
import { bytesText, countText, durationText } from '../kit/quantity.ts';
import { safeText } from '../kit/text.ts';
import type { Failure } from './events.ts';
import type { HostAccount, Report, ReportItem, ReportTotals } from './report.ts';

export const outcomeWords: Readonly<Record<ReportItem['outcome'], string>> = {
  copied: 'copied',
  updated: 'updated',
  same: 'the same',
  pruned: 'pruned',
  blocked: 'blocked',
  failed: 'failed',
  'not-reached': 'not reached',
};

/** The same for a run that wrote nothing. */
const foreseenWords: typeof outcomeWords = {
  ...outcomeWords,
  copied: 'to copy',
  updated: 'to update',
  pruned: 'to prune',
};

export function wordsOf({ dryRun }: Pick<Report, 'dryRun'>): typeof outcomeWords {
  return dryRun ? foreseenWords : outcomeWords;
}

export interface Tally {
  readonly outcome: ReportItem['outcome'];
  readonly count: number;
  readonly word: string;
}

/** What there is any of, in the order in which it is told: done, unchanged, and at the end what calls for somebody. */
export function talliesOf(report: Pick<Report, 'totals' | 'dryRun'>): readonly Tally[] {
  const words = wordsOf(report);
  return countsOf(report.totals)
    .map(([outcome, count]) => ({ outcome, count, word: words[outcome] }))
    .filter(({ count }) => count > 0);
}

function countsOf(totals: ReportTotals): readonly (readonly [ReportItem['outcome'], number])[] {
  const { copied, updated, same, pruned, blocked, failed, notReached } = totals;
  return [
    ['copied', copied],
    ['updated', updated],
    ['pruned', pruned],
    ['same', same],
    ['blocked', blocked],
    ['not-reached', notReached],
    ['failed', failed],
  ];
}

/** `3 copied, 1 updated, 408 the same, 1 failed`. */
export function countsText(report: Pick<Report, 'totals' | 'dryRun'>): string {
  const parts = talliesOf(report).map(({ count, word }) => `${count} ${word}`);
  return parts.length === 0 ? 'no tags' : parts.join(', ');
}

/** `38.2 MB moved; 126 MB were shared or there already`. */
export function bytesLine({ totals, dryRun }: Pick<Report, 'totals' | 'dryRun'>): string {
  const saved = totals.bytesSaved > 0 ? `; ${bytesText(totals.bytesSaved)} shared or there already` : '';
  return `${bytesText(totals.bytesMoved)} ${dryRun ? 'to move' : 'moved'}${saved}`;
}

/** `412 requests, 3 manifest GETs, no writes, 38.2 MB received, waited 30 s`. */
export function hostText({
  requests,
  manifestGets,
  writes,
  sentBytes,
  receivedBytes,
  waitedMilliseconds,
}: HostAccount) {
  return [
    countText(requests, 'request'),
    manifestGets === 0 ? 'no manifest GETs' : countText(manifestGets, 'manifest GET'),
    writes === 0 ? 'no writes' : countText(writes, 'write'),
    ...(receivedBytes > 0 ? [`${bytesText(receivedBytes)} received`] : []),
    ...(sentBytes > 0 ? [`${bytesText(sentBytes)} sent`] : []),
    ...(waitedMilliseconds > 0 ? [`waited ${durationText(waitedMilliseconds)}`] : []),
  ].join(', ');
}

/** What failed and why, in the server's own words, without the code. */
export function failureText({ message, serverSaid }: Failure): string {
  const sentence = sentenceText(message);
  return serverSaid === undefined ? sentence : `${sentence} The server said: "${safeText(serverSaid)}".`;
}

/** However a message was written, it is shown as a sentence. */
export function sentenceText(message: string): string {
  const text = safeText(message);
  return /[.!?…]$/.test(text) ? text : `${text}.`;
}

/** For which images referrers were read that only the referrers API shows; one line for each way in which it was done. */
export function referrersText({ stages }: Pick<Report, 'stages'>): string | undefined {
  const ways = new Set(stages.flatMap(({ referrers }) => (referrers === undefined ? [] : [referrers])));
  if (ways.size === 0) return undefined;
  const named = [...ways].map((way) => {
    const of = stages.filter(({ referrers }) => referrers === way).map(({ stage }) => stage);
    return ways.size === 1
      ? referrerWays[way]
      : `${referrerWays[way]} (${of.slice(0, 5).join(', ')}${of.length > 5 ? ' …' : ''})`;
  });
  return `Referrers ${named.join('; ')}.`;
}

const referrerWays = {
  'with-images': 'were read for the tags that this run copied',
  always: 'were read for every tag',
  never: 'were left behind',
} as const;

/** What is sensible to do next, or nothing. `reportFile` is where the report was written. */
export function nextCommand(report: Report, reportFile?: string): string | undefined {
  const { totals, dryRun, intent } = report;
  // What was said on a command line (`quay a → b`) is no file that could be given again.
  if (intent.includes('→')) return undefined;
  const sync = `tranship sync -c ${shellWord(intent)}`;
  if (dryRun) return totals.copied + totals.updated + totals.pruned > 0 ? sync : undefined;
  if (totals.failed + totals.notReached === 0) return undefined;
  return reportFile === undefined ? sync : `${sync} --retry-failed ${shellWord(reportFile)}`;
}

function shellWord(text: string): string {
  const safe = safeText(text);
  return /^[\w./:@%+=,-]+$/.test(safe) ? safe : `'${safe.replaceAll("'", `'\\''`)}'`;
}
