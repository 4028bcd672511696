import { bytesText, countText, durationText } from '../../kit/quantity.ts';
import { fit, padEnd, padStart, safeText } from '../../kit/text.ts';
import { shortDigest } from '../../oci/digest.ts';
import type { Paint } from '../terminal/colour.ts';
import type { ActiveBlob, FinishedCopy, ProgressState } from './state.ts';

/** What stays on the screen about a copy that went well: `✓ dr.example.com/app:1.4  copied 12 MB, 3 blobs mounted, 2.1 s`. */
export function finishedLine(copy: FinishedCopy, paint: Paint, { dryRun = false } = {}): string {
  const { result } = copy;
  const where = safeText(copy.destination);
  if (result.outcome === 'same') return `${paint('dim', '=')} ${where}  ${paint('dim', 'the same already')}`;
  const moved = result.previous === undefined ? '' : `, was ${shortDigest(result.previous)}`;
  const parts = [
    `${dryRun ? 'to be ' : ''}${result.outcome} ${bytesText(result.bytesMoved)}`,
    ...(copy.mounted > 0 ? [`${countText(copy.mounted, 'blob')} ${dryRun ? 'to be ' : ''}mounted`] : []),
    ...(copy.present > 0 ? [`${countText(copy.present, 'blob')} there already`] : []),
    ...(result.referrers > 0 ? [countText(result.referrers, 'referrer')] : []),
    durationText(copy.milliseconds),
  ];
  const sign = result.outcome === 'updated' ? paint('warn', '~') : paint('good', dryRun ? '+' : '✓');
  return `${sign} ${where}  ${paint('dim', `${parts.join(', ')}${moved}`)}`;
}

/** The live part: one bar for everything, then the largest blobs on their way. */
export function liveLines(state: ProgressState, now: number, columns: number, paint: Paint): readonly string[] {
  const shown = state.active().slice(0, 6);
  const rest = state.active().length - shown.length;
  return [
    overallLine(state, now, columns, paint),
    ...shown.map((blob) => blobLine(blob, columns, paint)),
    ...(rest > 0 ? [paint('dim', `  and ${countText(rest, 'more blob')}`)] : []),
    ...waitingLine(state, now, columns, paint),
  ];
}

/** The same for a log: `12 MB of 40 MB (30 %), 8.1 MB/s, 3 s left, 2 images on their way`. */
export function overallText(state: ProgressState, now: number): string {
  const { done, total } = state.totals();
  const percent = ` (${Math.floor((done / total) * 100)} %)`;
  const parts = [
    total === 0 ? 'looking at both sides' : `${bytesText(done)} of ${bytesText(total)}${percent}`,
    ...rateParts(state, now),
    ...(state.finished > 0 ? [`${state.finished} done`] : []),
    ...(state.failed > 0 ? [`${state.failed} failed`] : []),
  ];
  return parts.join(', ');
}

function overallLine(state: ProgressState, now: number, columns: number, paint: Paint): string {
  const { done, total } = state.totals();
  const text = ` ${overallText(state, now)}`;
  const room = Math.min(24, Math.max(columns - text.length - 1, 0));
  return `${bar(total === 0 ? 0 : done / total, room, paint)}${fit(text, columns - room)}`;
}

function blobLine(blob: ActiveBlob, columns: number, paint: Paint): string {
  const share = blob.size === 0 ? 1 : Math.min(blob.bytes / blob.size, 1);
  const left = `  ${bar(share, 12, paint)} ${padStart(bytesText(blob.bytes), 8)} of ${padEnd(bytesText(blob.size), 8)} `;
  const width = 2 + 12 + 1 + 8 + 4 + 8 + 1;
  const name = `${shortDigest(blob.digest)} → ${safeText(blob.destination)}`;
  return `${left}${paint('dim', fit(name, Math.max(columns - width, 0)))}`;
}

function waitingLine(state: ProgressState, now: number, columns: number, paint: Paint): readonly string[] {
  const waiting = state.waiting(now);
  if (waiting === undefined) return [];
  const text = `  waiting ${durationText(waiting.until - now)} for ${waiting.host}: ${safeText(waiting.reason)}`;
  return [paint('warn', fit(text, columns))];
}

function rateParts(state: ProgressState, now: number): readonly string[] {
  const rate = state.rate(now);
  if (rate < 1) return [];
  const { done, total } = state.totals();
  const left = total > done ? [`${durationText(((total - done) * 1000) / rate)} left`] : [];
  return [`${bytesText(rate)}/s`, ...left];
}

function bar(share: number, columns: number, paint: Paint): string {
  const full = Math.round(Math.min(Math.max(share, 0), 1) * columns);
  return paint('accent', '█'.repeat(full)) + paint('dim', '░'.repeat(columns - full));
}
