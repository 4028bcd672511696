import { compileRegex, PatternError } from '../../kit/pattern.ts';
import { isDigest } from '../../oci/digest.ts';
import type { Differences } from '../difference.ts';
import type { NativeTagRule, NativeTags } from '../native.ts';
import { ungrouped } from '../regex.ts';
import { pinnedTag, tellPins } from './pins.ts';
import { npmRange } from './semver.ts';

interface Telling {
  readonly where: string;
  readonly differences: Differences;
}

type Rule = Exclude<NativeTagRule, string>;

/**
 * dregsy's list of tags: `semver:` and `regex:` filters and plain tags are ORed, then `keep:` narrows down what they took. Expressions
 * are for the whole tag. `undefined` stands for all tags, `nothing` where no part of the list can be carried out.
 */
export function dregsyTags(list: readonly string[], telling: Telling): NativeTags | undefined | 'nothing' {
  if (list.length === 0) return undefined;
  const parts = list.map((item) => item.trim());
  const keeps = parts.filter((part) => part.startsWith('keep:')).map((part) => part.slice('keep:'.length).trim());
  const filters = parts.filter((part) => /^(?:semver|regex):/.test(part));
  const named = parts.filter((part) => !/^(?:semver|regex|keep):/.test(part));
  const plain = plainTags(
    named.filter((tag) => isKept(tag, keeps)),
    telling,
  );
  const read = filters.map((filter) => ruleOf(filter, telling)).filter((rule) => rule !== undefined);
  const rules = filters.length === 0 && named.length === 0 && keeps.length > 0 ? [{}] : read;
  const inverted = rules.flatMap((rule) => ('inverted' in rule ? [rule.inverted] : []));
  const straight = rules.filter((rule): rule is Rule => !('inverted' in rule));
  const kept = keeps.reduce<readonly Rule[]>(
    (now, keep) => now.flatMap((rule) => narrowed(rule, keep, telling)),
    straight,
  );
  if (keeps.length > 0 && straight.length > 1 && keeps.some((keep) => keep.startsWith('latest')))
    telling.differences.changed(
      telling.where,
      '`keep: latest` counts for each rule by itself, not for all of them together',
    );
  const include: NativeTagRule[] = [...kept, ...plain];
  if (inverted.length === 0) return include.length === 0 ? 'nothing' : { include };
  return withInverted(include, inverted, telling);
}

/** A filter that takes what does not match is an exclusion; beside other filters that would be another meaning. */
function withInverted(
  include: readonly NativeTagRule[],
  inverted: readonly string[],
  { where, differences }: Telling,
): NativeTags | 'nothing' {
  if (include.length === 0 && inverted.length === 1) return { exclude: inverted.map((regex) => ({ regex })) };
  differences.leftOut(where, 'an inverted expression beside other rules: write it as `exclude`, in a stage of its own');
  return include.length === 0 ? 'nothing' : { include };
}

/** `v1`, `v1@sha256:…` and `sha256:…`. */
function plainTags(tags: readonly string[], { where, differences }: Telling): readonly string[] {
  const bare = tags.filter(isDigest);
  if (bare.length > 0) tellPins(where, bare.length, differences);
  return tags.map((tag) => (isDigest(tag) ? pinnedTag(tag) : tag));
}

/** `keep:` holds for named tags too, not for digests. */
function isKept(tag: string, keeps: readonly string[]): boolean {
  if (isDigest(tag) || tag.includes('@')) return true;
  return keeps.every((keep) => keep.startsWith('latest') || matches(keep, tag));
}

function matches(expression: string, tag: string): boolean {
  const inverted = expression.startsWith('!');
  try {
    return compileRegex(inverted ? expression.slice(1) : expression).matches(tag) !== inverted;
  } catch (error) {
    if (error instanceof PatternError) return true; // The rule that holds it says what is wrong with it.
    throw error;
  }
}

function ruleOf(filter: string, { where, differences }: Telling): Rule | { readonly inverted: string } | undefined {
  const [, kind, value = ''] = /^(semver|regex):\s*(.*)$/s.exec(filter) ?? [];
  if (kind === 'regex') {
    return value.startsWith('!') ? { inverted: ungrouped(value.slice(1).trim()) } : { regex: ungrouped(value) };
  }
  const semver = npmRange(value);
  if (semver !== undefined) return { regex: dregsyVersion, semver, prereleases: true };
  differences.leftOut(where, `the range "${value}" cannot be written in npm's words`);
  return undefined;
}

/** What it takes for a version: up to three numbers, and a pre-release where there are three. */
const dregsyVersion = String.raw`v?\d+(?:\.\d+){0,2}|v?\d+\.\d+\.\d+-[0-9A-Za-z.-]+`;

function narrowed(rule: Rule, keep: string, { where, differences }: Telling): readonly Rule[] {
  const count = /^latest(?:\s+(\d+))?$/.exec(keep);
  if (count !== null) return [{ ...rule, newest: Number(count[1] ?? 1) }];
  if ((rule.regex === undefined || rule.regex === dregsyVersion) && !keep.startsWith('!'))
    return [{ ...rule, regex: ungrouped(keep) }];
  differences.leftOut(where, `"keep: ${keep}" needs a second expression in one rule, so that rule is not carried out`);
  return [];
}
