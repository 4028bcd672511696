export interface Page {
  readonly items: readonly string[];
  /** Whether there is something behind them. */
  readonly more: boolean;
}

/** At most `n` of `sorted` behind `last`, which need not be there itself. */
export function pageOf(sorted: readonly string[], n: number, last?: string): Page {
  const start = last === undefined ? 0 : firstBehind(sorted, last);
  const items = sorted.slice(start, start + n);
  return { items, more: start + items.length < sorted.length };
}

function firstBehind(sorted: readonly string[], last: string): number {
  let [low, high] = [0, sorted.length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((sorted[middle] ?? '') <= last) low = middle + 1;
    else high = middle;
  }
  return low;
}
