/** Tags that a stage takes and the source does not have. */
import { type Side, TranshipError } from '../../oci/errors.ts';
import type { TagName } from '../../oci/names.ts';
import { readAttachmentTag } from '../../oci/referrers-tag.ts';
import type { Unanswered } from '../../plan/unanswered.ts';
import type { Pins } from '../../select/pins.ts';
import type { BrokenItem } from './repository-work.ts';
import type { StagePlanner } from './stage-plan.ts';

/** Those that the rules name are failures. One that a listing showed was removed since, which is no failure. */
export function brokenAt(
  location: string,
  absent: readonly TagName[],
  { exact, pins }: StagePlanner,
  targetOf: (tag: TagName) => TagName,
): readonly BrokenItem[] {
  return absent
    .filter((tag) => exact !== undefined || pins.has(tag))
    .map((tag) => ({ tag, target: targetOf(tag), error: absence(location, tag, pins) }));
}

/** Those of `tags` of which one side could tell nothing. */
export function unansweredAt(
  side: Side,
  unanswered: Unanswered,
  tags: readonly TagName[],
  targetOf: (tag: TagName) => TagName,
): readonly BrokenItem[] {
  if (unanswered.size === 0) return [];
  return tags.flatMap((tag) => {
    const error = unanswered.get(tag);
    return error === undefined ? [] : [{ tag, target: targetOf(tag), error: error.at(side) }];
  });
}

/** Throws where so many of the listed tags name nothing that fewer are left than the rules want: not all of that was removed just now. */
export function guardPresent(
  location: string,
  selected: readonly { readonly tag: TagName }[],
  absent: readonly TagName[],
  { exact, stage }: StagePlanner,
): void {
  if (absent.length === 0 || exact !== undefined) return;
  const gone = new Set(absent);
  const present = selected.filter(({ tag }) => !gone.has(tag) && readAttachmentTag(tag) === undefined).length;
  if (present >= stage.tags.atLeast) return;
  const message = `The source lists ${selected.length} tags, but has nothing under ${absent.length} of them; at least ${stage.tags.atLeast} must be there.`;
  throw new TranshipError('E_TOO_FEW_TAGS', 'refused', message, {
    side: 'source',
    subject: location,
    hint: 'Check that the account may read manifests there, and that what the registry lists can be pulled; allow it with at-least: 0.',
  });
}

export function absenceWarning(tag: TagName): string {
  return `the source has no tag "${tag}"`;
}

function absence(location: string, tag: TagName, pins: Pins): TranshipError {
  const pin = pins.get(tag);
  const sought = pin === undefined ? `tag "${tag}"` : `manifest ${pin}, which "${tag}" is to name`;
  const message = `The source has no ${sought}.`;
  return new TranshipError('E_MANIFEST_UNKNOWN', 'failed', message, {
    side: 'source',
    subject: `${location}:${tag}`,
    hint: 'Correct the name under `tags`, or take it out.',
  });
}
