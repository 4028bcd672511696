import { type Differences } from '../difference.ts';
import type { NativeTagRule, NativeTags } from '../native.ts';
import { anywhere } from '../regex.ts';
import { npmRange } from './semver.ts';

interface Telling {
  readonly where: string;
  readonly differences: Differences;
}

type Rule = Exclude<NativeTagRule, string>;

/**
 * dregsy's list of tags: `semver:` and `regex:` filters and plain tags are ORed, then `keep:` narrows down what the filters
 * took; plain tags stay. `undefined` stands for all tags, `nothing` where no part of the list can be carried out.
 */
export function dregsyTags(list: readonly string[], telling: Telling): NativeTags | undefined | 'nothing' {
  if (list.length === 0) return undefined;
  const parts = list.map((item) => item.trim());
  const keeps = parts.filter((part) => part.startsWith('keep:')).map((part) => part.slice('keep:'.length).trim());
  const filters = parts.filter((part) => /^(?:semver|regex):/.test(part));
  const plain = parts.filter((part) => !/^(?:semver|regex|keep):/.test(part)).flatMap((tag) => exactTag(tag, telling));
  const read = filters.map((filter) => ruleOf(filter, telling)).filter((rule) => rule !== undefined);
  const rules = filters.length === 0 && keeps.length > 0 ? [{}] : read;
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

function exactTag(tag: string, { where, differences }: Telling): readonly string[] {
  if (!tag.includes('sha256:')) return [tag];
  differences.leftOut(where, `"${tag}" names a digest; copy it once with \`tranship copy\``);
  return [];
}

function ruleOf(filter: string, { where, differences }: Telling): Rule | { readonly inverted: string } | undefined {
  const [, kind, value = ''] = /^(semver|regex):\s*(.*)$/s.exec(filter) ?? [];
  if (kind === 'regex') {
    return value.startsWith('!') ? { inverted: anywhere(value.slice(1).trim()) } : { regex: anywhere(value) };
  }
  const semver = npmRange(value);
  if (semver !== undefined) {
    differences.note(where, 'ranges leave pre-releases and suffixed versions out, as npm has it');
    return { semver };
  }
  differences.leftOut(where, `the range "${value}" cannot be written in npm's words`);
  return undefined;
}

function narrowed(rule: Rule, keep: string, { where, differences }: Telling): readonly Rule[] {
  const count = /^latest(?:\s+(\d+))?$/.exec(keep);
  if (count !== null) return [{ ...rule, newest: Number(count[1] ?? 1) }];
  if (rule.regex === undefined) return [{ ...rule, regex: anywhere(keep) }];
  differences.leftOut(where, `"keep: ${keep}" beside an expression: one rule has only one`);
  return [rule];
}
