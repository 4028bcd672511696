/** The rows of the benchmark. */
import type { Shape } from '../test/e2e/kit/relay/relay.ts';
import type { TestRepository } from '../test/kit/corpus/repository.ts';
import type { Bar } from './bars.ts';
import { copyRows } from './rows-copy.ts';
import { networkRows } from './rows-network.ts';
import { syncRows } from './rows-sync.ts';
import type { Contestant } from './work.ts';

export interface Scenario {
  readonly id: string;
  readonly title: string;
  /** What one has to know beside the figures. */
  readonly note?: string;
  content(): readonly TestRepository[];
  readonly contestants: readonly Contestant[];
  /** Default 1. */
  readonly destinations?: number;
  readonly tls?: true;
  /** Default: all tags. */
  readonly tag?: string;
  /** Everything is at the destination before anything is measured, so nothing is to be written. */
  readonly again?: true;
  /** Between the programs and every registry. */
  readonly network?: Shape;
  /** Slow programs, and delays that vary little: more rounds would tell nothing new. */
  readonly mostRounds?: number;
  /** Contestants that take minutes, and run in the first round alone. */
  readonly onlyOnce?: readonly string[];
  /** Memory aside, which has one bar for all rows. */
  readonly bars: readonly Bar[];
}

/** `share` makes everything smaller, for a quick look. */
export function scenarios(share = 1): readonly Scenario[] {
  return [...copyRows(share), ...syncRows(share), ...networkRows(share)];
}
