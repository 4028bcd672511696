import type { Path } from '../../config/document.ts';
import type { Differences } from '../difference.ts';
import type { NativeTagRule, NativeTags } from '../native.ts';
import { oneOf } from '../regex.ts';
import { noRegsyncVersion, regsyncRange, regsyncVersion } from './regsync-range.ts';
import type { Raw, Shape } from './shape.ts';

interface Telling {
  readonly where: string;
  readonly differences: Differences;
  readonly shape: Shape;
  readonly path: Path;
}

/**
 * regsync's sets of tags. Inside a set a range is looked at first, then what is allowed, then what is denied; a tag that any set
 * takes is copied. Sets that deny something each need a stage of their own, because our `exclude` holds for a whole stage.
 * One `undefined` stands for all tags.
 */
export function tagSets(sets: readonly Raw[], telling: Telling): readonly (NativeTags | undefined)[] {
  const given = sets.filter((set) => Object.keys(set).length > 0);
  const read = given.map((set) => tagSet(set, telling)).filter((set) => set !== undefined);
  if (given.length === 0) return [undefined];
  if (read.every(({ exclude }) => exclude === undefined)) {
    // A set without any rule takes everything, whatever stands in the others.
    if (read.some(({ include }) => include === undefined)) return [undefined];
    return read.length === 0 ? [] : [{ include: read.flatMap(({ include = [] }) => include) }];
  }
  return read;
}

/** Nothing where no part of the set can be carried out. */
function tagSet(set: Raw, { where, differences, shape, path }: Telling): NativeTags | undefined {
  differences.unknownKeys(`${where}.tags`, set, ['allow', 'deny', 'semverRange']);
  const texts = (key: string) => shape.texts(set[key], [...path, key]);
  const ranges = texts('semverRange');
  const allow = oneOf(shape.expressions(set['allow'], [...path, 'allow']));
  const deny = oneOf(shape.expressions(set['deny'], [...path, 'deny']));
  const semvers = ranges.flatMap((range) => {
    const known = regsyncRange(range);
    if (known === undefined) differences.leftOut(`${where}.tags`, `the range "${range}" is none that is known`);
    return known === undefined ? [] : [known];
  });
  if (ranges.length > 0 && semvers.length === 0) return undefined;
  // One rule has one expression; what the other would say is said by leaving out.
  const noVersions = semvers.length > 0 && allow.length > 0 ? [noRegsyncVersion] : [];
  const exclude = [...deny, ...noVersions].map((regex) => ({ regex }));
  const include: readonly NativeTagRule[] =
    semvers.length === 0
      ? allow.map((regex) => ({ regex }))
      : semvers.flatMap((semver) =>
          allow.length === 0
            ? [{ regex: regsyncVersion, semver, prereleases: true }]
            : allow.map((regex) => ({ regex, semver, prereleases: true })),
        );
  return { ...(include.length > 0 && { include }), ...(exclude.length > 0 && { exclude }) };
}
