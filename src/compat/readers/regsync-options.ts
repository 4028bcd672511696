/** Options that regsync has for all entries (`defaults`) or for one, in our words or in a sentence. */
import { isPlatform } from '../../config/platform-name.ts';
import type { Differences } from '../difference.ts';
import type { NativeStage } from '../native.ts';
import { isOff, isOn, textOf, textsOf } from '../values.ts';
import { backupTag } from './go-template.ts';
import type { Raw } from './shape.ts';

export class RegsyncOptions {
  readonly #defaults: Raw;
  readonly #differences: Differences;

  constructor(defaults: Raw, differences: Differences) {
    this.#defaults = defaults;
    this.#differences = differences;
    differences.unknownKeys('defaults', defaults, [...knownOptions, ...Object.keys(ofTheRun)]);
    for (const [key, message] of Object.entries(ofTheRun))
      if (textOf(defaults[key]) !== undefined && !isOff(defaults[key]))
        differences.note('defaults', `\`${key}\`: ${message}`);
    this.#tell(defaults, 'defaults');
  }

  of(entry: Raw, where: string): Partial<NativeStage> {
    this.#differences.unknownKeys(where, entry, [...knownOptions, ...ofAnEntry]);
    this.#tell(entry, where);
    const value = (key: string): unknown => entry[key] ?? this.#defaults[key];
    const tag = this.#backup(textOf(value('backup')), entry['backup'] === undefined ? 'defaults' : where);
    if (!isOn(value('referrers')) && !isOn(value('digestTags')))
      this.#differences.changed('', 'signatures and referrers travel along; `referrers: false` leaves them behind');
    const platforms = this.#platforms([...textsOf(entry['platforms']), ...textsOf(entry['platform'])], where);
    return {
      ...(platforms.length > 0 && { platforms }),
      ...(tag !== undefined && { 'backup-tag': tag }),
      ...(isOn(value('includeExternal')) && { 'foreign-layers': 'copy' as const }),
    };
  }

  #platforms(named: readonly string[], where: string): readonly string[] {
    const platforms = named.filter(isPlatform);
    const others = named.filter((name) => !isPlatform(name));
    if (others.length > 0)
      this.#differences.changed(
        where,
        `the platform ${others.join(', ')} has no counterpart: all platforms are copied`,
      );
    else if (platforms.length > 0)
      this.#differences.changed(
        where,
        'the index stays an index with that platform alone; regsync copies its image by itself',
      );
    return others.length > 0 ? [] : platforms;
  }

  #backup(backup: string | undefined, where: string): string | undefined {
    const tag = backup === undefined ? undefined : backupTag(backup);
    if (backup !== undefined && tag === undefined)
      this.#differences.changed(
        where,
        `the backup "${backup}" has no counterpart; overwritten digests stand in the report`,
      );
    return tag;
  }

  #tell(options: Raw, where: string): void {
    for (const [key, message] of Object.entries(changed))
      if (options[key] !== undefined && !isOff(options[key]))
        this.#differences.changed(where, message.replace('{}', textOf(options[key]) ?? ''));
    for (const [key, message] of Object.entries(needless))
      if (options[key] !== undefined && !isOff(options[key])) this.#differences.note(where, `\`${key}\`: ${message}`);
  }
}

const changed: Readonly<Record<string, string>> = {
  interval: 'no timer is in the file: run `tranship sync` every {} by one',
  schedule: 'no timer is in the file: run `tranship sync` by one at {}',
  ratelimit: 'quotas are read from the registry and respected by themselves',
  parallel: 'how many images are copied at once is an option: --jobs {}',
  referrerFilters: 'all referrers travel along, not only the filtered ones',
  referrerSource: 'referrers are read beside their image only',
  referrerTarget: 'referrers are stored beside their image only',
  mediaTypes: 'every media type is copied',
  hooks: 'hooks are not run (nor does regsync run them)',
  forceRecursive: 'tags that are equal are not looked into; `tranship verify` does that',
  cleanupTags: 'nothing is removed at the target; `prune` removes what is gone from the source',
  cleanupTagsExclude: 'nothing is removed at the target, so nothing has to be kept from that',
};
const needless: Readonly<Record<string, string>> = {
  fastCheck: 'tags that are equal are never looked into',
  fastCopy: 'tags that are equal are never looked into',
  referrerSlow: 'referrers are found in the cheapest way that the registry has',
};
/** Options that only `defaults` has. */
const ofTheRun: Readonly<Record<string, string>> = {
  blobLimit: 'no blob is held in memory',
  cacheCount: 'nothing has to be cached between images',
  cacheTime: 'nothing has to be cached between images',
  skipDockerConfig: 'the docker login file is read for registries without credentials of their own',
  userAgent: 'requests say that they are of tranship',
};
const knownOptions = [
  'backup',
  'digestTags',
  'referrers',
  'includeExternal',
  ...Object.keys(changed),
  ...Object.keys(needless),
];
const ofAnEntry = ['source', 'target', 'type', 'repos', 'tags', 'tagSets', 'targetTag', 'platform', 'platforms'];
