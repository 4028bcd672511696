/** What tranship is held to, and whether it keeps to it. */
import type { Outcome, Sample } from './measure.ts';

export type Bar =
  /** At most so many times what another program needs. */
  | Beside
  /** At most so many times the bytes of the distinct blobs. */
  | { readonly of: 'source reads' | 'destination receives'; readonly most: number }
  /** MiB, for content of any size. */
  | { readonly of: 'peak RSS'; readonly most: number };

interface Beside {
  readonly of: 'wall' | 'CPU';
  readonly beside: string;
  readonly most: number;
}

export const residentBar: Bar = { of: 'peak RSS', most: 150 };

export const wall = (beside: string, most: number): Bar => ({ of: 'wall', beside, most });
export const cpu = (beside: string, most: number): Bar => ({ of: 'CPU', beside, most });

/** Each source byte once; the rest is manifests and the headers of answers. */
export const readOnce: Bar = { of: 'source reads', most: 1.01 };
export const receivedOnce: Bar = { of: 'destination receives', most: 1.02 };

export interface Verdict {
  readonly bar: Bar;
  readonly measured: number;
  readonly met: boolean;
}

/** What was not measured is not met. */
export function verdicts(outcome: Outcome): readonly Verdict[] {
  return [...outcome.scenario.bars, residentBar].map((bar) => {
    const measured = figure(bar, outcome) ?? Number.NaN;
    return { bar, measured, met: measured <= bar.most };
  });
}

function figure(bar: Bar, { medians, traffic }: Outcome): number | undefined {
  const ours = medians.get('tranship');
  switch (bar.of) {
    case 'source reads':
      return traffic?.sourceReads;
    case 'destination receives':
      return traffic?.destinationReceives;
    case 'peak RSS':
      return ours?.peakRssMiB;
    case 'wall':
      return ratio(ours, medians.get(bar.beside), 'wallSeconds');
    case 'CPU':
      return ratio(ours, medians.get(bar.beside), 'cpuSeconds');
  }
}

export function ratio(sample: Sample | undefined, base: Sample | undefined, of: keyof Sample): number | undefined {
  return sample === undefined || base === undefined ? undefined : sample[of] / base[of];
}

/** The limit in words: `wall ≤ 0.45 × crane`. */
export function barText(bar: Bar): string {
  switch (bar.of) {
    case 'source reads':
      return `read at the source ≤ ${bar.most} × the content`;
    case 'destination receives':
      return `received by the destination ≤ ${bar.most} × the content`;
    case 'peak RSS':
      return `peak RSS ≤ ${bar.most} MiB`;
    case 'wall':
    case 'CPU':
      return `${bar.of} ≤ ${bar.most} × ${bar.beside}`;
  }
}

export function measuredText({ bar, measured }: Verdict): string {
  if (Number.isNaN(measured)) return 'not measured';
  return bar.of === 'peak RSS' ? measured.toFixed(0) : measured.toFixed(bar.most > 1 && bar.most < 1.05 ? 3 : 2);
}
