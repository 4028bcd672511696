/** Failures grouped by what has to be done about them: one cause, however many tags it held up. */
import type { Failure } from './events.ts';
import type { Report, ReportItem } from './report.ts';

export interface Cause {
  /** The first of its failures, whose words stand for all. */
  readonly error: Failure;
  /** Where it failed. */
  readonly host: string;
  readonly items: readonly ReportItem[];
}

const unknown: Failure = { code: 'E_INTERNAL', failure: 'failed', message: 'It failed without an error.' };

/** The cause with the most items first. */
export function causesOf({ items }: Pick<Report, 'items'>): readonly Cause[] {
  const causes = new Map<string, { error: Failure; host: string; items: ReportItem[] }>();
  for (const item of items) {
    if (item.outcome !== 'failed') continue;
    const error = item.error ?? unknown;
    const host = hostOf(item, error);
    const key = JSON.stringify([error.code, error.side, host]);
    const cause = causes.get(key);
    if (cause) cause.items.push(item);
    else causes.set(key, { error, host, items: [item] });
  }
  return [...causes.values()].sort((a, b) => b.items.length - a.items.length);
}

function hostOf({ source, destination }: ReportItem, { side }: Failure): string {
  const place = side === 'source' ? source : destination;
  return place.split('/', 1)[0] ?? '';
}
