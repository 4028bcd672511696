import type { ErrorEntry } from './entry.ts';

type WarningEntry = Omit<ErrorEntry, 'failure'>;

/** Warnings: the work went on. */
export const warnings: Readonly<Record<`W_${string}`, WarningEntry>> = {
  W_PLATFORMS_FILTERED: entry(
    'an index was made smaller, so its digest changed and signatures on the original do not apply to it',
    'Copy all platforms, or take a destination that accepts an index with absent children.',
  ),
  W_SOURCE_MOVED: entry(
    'the tag was moved at the source while it was copied',
    'What it named at the beginning was copied. Run it again for the new content.',
  ),
  W_SOURCE_UNCHECKED: entry(
    'whether the tag was moved during the copy could not be found out',
    'What was copied is whole. The message tells why the source did not answer.',
  ),
  W_REFERRER_GONE: entry(
    'a referrer is listed at the source and is not there',
    'It was left out. The list at the source may be cleaned up.',
  ),
  W_ODD_REFERRER: entry('an entry or list of referrers cannot be read', 'It was left out.'),
  W_ODD_REPOSITORY: entry('a catalog holds names that no repository can have', 'They were left out.'),
  W_ODD_TAG: entry('a listing holds what is no tag', 'It was left out.'),
  W_UNKNOWN_KIND: entry(
    'a part of an index is of a kind that is not known',
    'It was copied as it is, without anything that it may point to.',
  ),
  W_FOREIGN_LAYERS: entry(
    'layers under terms that keep them off other registries were left out',
    'The image is complete for who may fetch them from where its manifest says. Copy them too with --foreign-layers (in a configuration: foreign-layers: copy).',
  ),
  W_CAPABILITY: entry(
    'something was learned about what a registry can do; shown with -v',
    'Nothing has to be done: what works everywhere is used instead.',
  ),
  W_OTHER_HOST: entry(
    'a registry sent us to another host',
    'This was within the rules for such hosts. Credentials went only where they belong.',
  ),
  W_REGISTRY: entry('the registry itself has a warning', 'Its words are in the message.'),
  W_CREDENTIALS: entry(
    'a place where credentials could be was not usable',
    'The run went on without it. See `tranship explain E_HELPER_MISSING`.',
  ),
  W_SELECTION: entry('a rule of the configuration selected nothing', 'Check the rule; the message names it.'),
  W_LISTING: entry(
    'a registry refused its listing with digests, or its discovery, so that a dearer way was taken',
    'The result is the same. The message says what the registry answered; the guide to registries says what its API needs.',
  ),
  W_PLAN: entry(
    'something was noticed while a repository was compared',
    'The message says what, and of which repository.',
  ),
  W_MORE: entry('there were more warnings than a report keeps', 'The log of the run has all of them.'),
  W_PULL_QUOTA: entry(
    'the source counts pulls; so many are left',
    'The run stops before they are used up and can be gone on with later. With credentials there are often more.',
  ),
  W_NOT_CREATED: entry(
    'a repository could not be created beforehand',
    'The push was tried all the same: many registries create on push.',
  ),
  W_NOT_PRUNED: entry(
    'nothing was removed, because something could not be copied',
    'See the errors of the same repository. Removing waits for a run without them.',
  ),
  W_PRUNE_CAP: entry(
    'more tags are gone from the source than may be removed in one run',
    'The rest stays for now. Check that the source is complete before raising the limits under `prune`.',
  ),
  W_QUAY_LABELS: entry(
    'labels of images, or policies of the mirror, gave tags an expiry or a lock of their own',
    'Expiries are set as at the source. A locked tag cannot be moved at the mirror; take the label or the policy away.',
  ),
  W_PRUNE_LISTING: entry(
    'a tag that was to be removed is at the source, whose listing does not show it',
    'It was left alone. The listing leaves tags out: look at the registry, and at proxies before it that drop the Link header.',
  ),
  W_PRUNE_MOVED: entry(
    'a tag that was to be removed names something else by now',
    'It was left alone: somebody pushed it again.',
  ),
  W_QUAY_SOURCE_EMPTY: entry(
    'the source organisation shows no repository',
    'Check its name, and that the user of the token may see its repositories.',
  ),
  W_QUAY_RIGHTS: entry(
    'the token lacks org:admin, so the robot and its default permission were left to you',
    'Nothing has to be done where they exist. Else make them, or give a token with org:admin.',
  ),
  W_QUAY_TAKES_OVER: entry(
    'a repository with tags of its own becomes a mirror',
    'Quay deletes the tags that the source lacks or the patterns leave out, and strips signatures. Copy what must stay elsewhere first.',
  ),
  W_QUAY_LEFT_ALONE: entry(
    'a repository is read-only or mirrored by its organisation',
    'It was left alone. Change its state first where it is to be mirrored.',
  ),
  W_QUAY_SOURCE_GONE: entry(
    'the source of a mirror is not there any more',
    'The mirror stays. It is removed only with --prune, and only where the source says for certain that there is none.',
  ),
  W_QUAY_TAG_GLOB: entry(
    'a tag pattern looks like a regular expression and matches nothing',
    'Quay reads shell patterns: write v1.* for what begins with v1., or * for all.',
  ),
};

function entry(meaning: string, action: string): WarningEntry {
  return { meaning, action };
}
