import type { Setup, Target } from './target.ts';

/** One situation and what the registry must do in it. Throws an `AssertionError` when it does something else. */
export type CaseFunction = (registry: Target) => Promise<void>;

export interface Case {
  /** `group: situation`; stable, because lists of known exceptions name it. */
  readonly id: string;
  readonly group: string;
  readonly run: CaseFunction;
  /** Run only against a target that was set up so. */
  readonly needs: Setup | undefined;
}

/** Cases of one group; the table's keys say the situation. */
export function group(name: string, table: Readonly<Record<string, CaseFunction>>, needs?: Setup): readonly Case[] {
  return Object.entries(table).map(([situation, run]) => ({ id: `${name}: ${situation}`, group: name, run, needs }));
}

/** A table row per item, for situations that differ in one thing only. */
export function each<T>(
  items: readonly T[],
  situation: (item: T) => string,
  run: (registry: Target, item: T) => Promise<void>,
): Readonly<Record<string, CaseFunction>> {
  return Object.fromEntries(items.map((item) => [situation(item), (registry: Target) => run(registry, item)]));
}
