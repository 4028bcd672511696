import type { Differences } from '../difference.ts';
import type { NativeTagRule, NativeTags } from '../native.ts';
import { oneOf } from '../regex.ts';
import { textsOf } from '../values.ts';
import { npmRange } from './semver.ts';

export type TagSet = NativeTags;

interface Telling {
  readonly where: string;
  readonly differences: Differences;
}

/**
 * regsync's sets of tags. Inside a set a range is looked at first, then what is allowed, then what is denied; a tag that any set
 * takes is copied. Sets that deny something each need a stage of their own, because our `exclude` holds for a whole stage.
 * One `undefined` stands for all tags.
 */
export function tagSets(
  sets: readonly Readonly<Record<string, unknown>>[],
  telling: Telling,
): readonly (TagSet | undefined)[] {
  const read = sets.filter((set) => Object.keys(set).length > 0).map((set) => tagSet(set, telling));
  if (read.length === 0) return [undefined];
  if (read.every(({ exclude }) => exclude === undefined))
    return [{ include: read.flatMap(({ include = [] }) => include) }];
  return read;
}

function tagSet(set: Readonly<Record<string, unknown>>, { where, differences }: Telling): TagSet {
  differences.unknownKeys(`${where}.tags`, set, ['allow', 'deny', 'semverRange']);
  const [allow, deny, ranges] = [textsOf(set['allow']), textsOf(set['deny']), textsOf(set['semverRange'])];
  const regex = allow.length === 0 ? undefined : oneOf(allow);
  const semvers = ranges.flatMap((range) => {
    const known = npmRange(range);
    if (known === undefined)
      differences.leftOut(`${where}.tags`, `the range "${range}" cannot be written in npm's words`);
    return known === undefined ? [] : [known];
  });
  if (ranges.length > 0)
    differences.note(`${where}.tags`, 'ranges leave pre-releases and suffixed versions out, as npm has it');
  const rules: NativeTagRule[] =
    ranges.length > 0
      ? semvers.map((semver) => ({ ...(regex !== undefined && { regex }), semver }))
      : regex !== undefined
        ? [{ regex }]
        : [];
  return {
    ...(rules.length > 0 && { include: rules }),
    ...(deny.length > 0 && { exclude: [{ regex: oneOf(deny) }] }),
  };
}
