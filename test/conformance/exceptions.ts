import type { Case } from './case.ts';
import { distribution } from './exceptions/distribution.ts';
import { dockerRegistry } from './exceptions/docker-registry.ts';
import { olareg } from './exceptions/olareg.ts';

/** Cases that a foreign registry does not pass, each with what it does instead. */
export interface Exceptions {
  /** They must fail: a case that a newer version passes has to leave the list. */
  readonly always: readonly Exception[];
  /** A matter of timing: they may fail. */
  readonly sometimes: readonly Exception[];
}

export interface Exception {
  readonly because: string;
  /** Ids of cases. */
  readonly cases: readonly string[];
}

/** By the name under which the end-to-end tests start each server. */
export const exceptions = { 'docker-registry': dockerRegistry, distribution, olareg } as const;

export type Expectation = 'pass' | 'fail' | 'either';

export function expectationOf({ id }: Case, known: Exceptions): Expectation {
  if (known.always.some((exception) => exception.cases.includes(id))) return 'fail';
  if (known.sometimes.some((exception) => exception.cases.includes(id))) return 'either';
  return 'pass';
}

/** Ids on the list that no case has; a renamed case leaves one behind. */
export function strangersOn(known: Exceptions, cases: readonly Case[]): readonly string[] {
  const ids = new Set(cases.map((one) => one.id));
  return [...known.always, ...known.sometimes].flatMap((exception) => exception.cases).filter((id) => !ids.has(id));
}
